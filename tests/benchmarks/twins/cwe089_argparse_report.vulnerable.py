import argparse
import sqlite3


def build_filter(status, region):
    clauses = ["status = '" + status + "'"]
    if region:
        clauses.append("region = '" + region + "'")
    return " AND ".join(clauses)


def main():
    parser = argparse.ArgumentParser(description="Print the orders of a region")
    parser.add_argument("database")
    parser.add_argument("--status", default="open")
    parser.add_argument("--region")
    args = parser.parse_args()

    where = build_filter(args.status, args.region)
    connection = sqlite3.connect(args.database)
    for order_id, total in connection.execute("SELECT id, total FROM orders WHERE " + where):
        print(f"{order_id}\t{total:.2f}")
    connection.close()


if __name__ == "__main__":
    main()
