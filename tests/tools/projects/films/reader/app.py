def handler(event, context):
    return {"read": event["film"]}
