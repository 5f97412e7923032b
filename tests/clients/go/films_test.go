package clients

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestFilms(t *testing.T) {
	for _, name := range []string{"one", "another"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, accessKey := emptyCloud(t)
			client := sqs.New(sqs.Options{
				BaseEndpoint: &address,
				Region:       "us-east-1",
				Credentials:  credentials.NewStaticCredentialsProvider(accessKey, "test", ""),
			})
			ctx := context.Background()
			listed, err := client.ListQueues(ctx, &sqs.ListQueuesInput{})
			if err != nil || len(listed.QueueUrls) != 0 {
				t.Fatalf("the cloud is not empty: %v %v", listed, err)
			}
			queue, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{
				QueueName: aws.String("films"),
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{
				QueueUrl: queue.QueueUrl, MessageBody: &name,
			}); err != nil {
				t.Fatal(err)
			}
			received, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
				QueueUrl: queue.QueueUrl,
			})
			if err != nil || len(received.Messages) != 1 || *received.Messages[0].Body != name {
				t.Fatalf("received %v %v", received, err)
			}
		})
	}
}
