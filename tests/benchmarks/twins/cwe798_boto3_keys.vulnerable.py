import boto3

AWS_ACCESS_KEY_ID = "AKIAQ7T3ZLWX5PK2MV4H"
AWS_SECRET_ACCESS_KEY = "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"


class BackupStore:
    """Store backups in a bucket."""

    def __init__(self, bucket):
        self.bucket = bucket
        self.client = boto3.client(
            "s3",
            region_name="eu-central-1",
            aws_access_key_id=AWS_ACCESS_KEY_ID,
            aws_secret_access_key=AWS_SECRET_ACCESS_KEY,
        )

    def save(self, name, data):
        self.client.put_object(Bucket=self.bucket, Key=name, Body=data, ServerSideEncryption="AES256")
