import json

import boto3

QUEUE = 'https://sqs.eu-central-1.amazonaws.com/459727908782/FilmQueue'

s3 = boto3.client('s3')
sqs = boto3.client('sqs')


def handler(event, context):
    data = s3.get_object(Bucket='films-of-mine', Key='films.json')
    films = json.loads(data['Body'].read().decode('utf-8'))['items']
    films = [film for film in films if int(film['rank']) <= 10]
    response = sqs.send_message(QueueUrl=QUEUE, MessageBody=json.dumps(json.dumps(films)))
    return response['MessageId']
