import argparse
import sqlite3

QUERY = """
SELECT id, total FROM orders
WHERE status = :status AND (:region IS NULL OR region = :region)
"""


def main():
    parser = argparse.ArgumentParser(description="Print the orders of a region")
    parser.add_argument("database")
    parser.add_argument("--status", default="open")
    parser.add_argument("--region")
    args = parser.parse_args()

    connection = sqlite3.connect(args.database)
    parameters = {"status": args.status, "region": args.region}
    for order_id, total in connection.execute(QUERY, parameters):
        print(f"{order_id}\t{total:.2f}")
    connection.close()


if __name__ == "__main__":
    main()
