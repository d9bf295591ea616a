import csv


def export(rows, path):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        # ok: csv-formula-parameter
        writer.writerow(["name", "comment"])
        for row in rows:
            # ruleid: csv-formula-parameter
            writer.writerow([row["name"], row["comment"]])


def export_all(rows, file):
    # ruleid: csv-formula-parameter
    csv.writer(file).writerows(rows)


def neutralise(cell):
    return "'" + cell if cell[:1] in "=+-@" else cell


def export_safely(rows, file):
    for row in rows:
        # ok: csv-formula-parameter
        csv.writer(file).writerow([neutralise(cell) for cell in row])


def export(writer):
    for contact in Contact.query.order_by(Contact.id).limit(5000):
        # ruleid: csv-formula-parameter
        writer.writerow([contact.name, contact.email])


def export_numbers(writer):
    for order in Order.query.all():
        # ok: csv-formula-parameter
        writer.writerow([order.id, order.created_at])


def export_defused(writer):
    for contact in Contact.query.all():
        # ok: csv-formula-parameter
        writer.writerow([defuse_cell(contact.name)])
