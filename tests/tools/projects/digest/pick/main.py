import boto3
import json
import os

s3 = boto3.resource('s3')
sns = boto3.client('sns')


def lambda_handler(event, context):
    print(event)
    films = json.loads(s3.Object(os.environ['SOURCE_BUCKET'], 'films.json').get()['Body'].read())
    top = sorted(films['items'], key=lambda film: film['imDbRating'], reverse=True)[:10]
    sns.publish(TargetArn=os.environ['TOPIC'],
                Message=json.dumps({'default': json.dumps(top)}),
                MessageStructure='json')
    return {'statusCode': 200, 'body': json.dumps('Done!')}
