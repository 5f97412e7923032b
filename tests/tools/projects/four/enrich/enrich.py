import json

import boto3
import urllib3

http = urllib3.PoolManager()
s3 = boto3.resource('s3')


def handler(event, context):
    for record in event['Records']:
        films = json.loads(json.loads(record['body']))
        for film in films:
            answer = http.request('GET', 'https://www.omdbapi.com/?apikey=f00d&t=' +
                                  film['title'].replace(' ', '+'))
            film.update(json.loads(answer.data))
        s3.Object('enriched-films-of-mine', 'films.json').put(Body=json.dumps(films))
