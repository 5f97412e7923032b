import boto3
import json
import os
import requests
from datetime import datetime

ssm = boto3.client('ssm')
s3 = boto3.client('s3')
API_KEY = ssm.get_parameter(Name=os.environ['KEY_NAME'], WithDecryption=True)['Parameter']['Value']


def lambda_handler(event, context):
    films = json.loads(event['Records'][0]['body'])
    result = []
    for film in films:
        url = 'http://www.omdbapi.com/?apikey=' + API_KEY + '&i=' + film['id']
        print(url)
        film['details'] = requests.get(url).json()
        result.append(film)
    s3.put_object(Bucket=os.environ['DIGEST_BUCKET'],
                  Key='digest-' + datetime.now().strftime('%d-%m-%Y') + '.json',
                  Body=json.dumps(result))
    return 'OK'
