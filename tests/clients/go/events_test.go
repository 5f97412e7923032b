package clients

// The AWS SDK for Go publishes to a queue through a topic, sends an event through a bus, and makes
// a schedule.

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bustypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	scheduletypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	topictypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queuetypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// cloud is an account of the shared Matinee with nothing in it, and clients that use it.
type cloud struct {
	t      *testing.T
	config aws.Config
	sqs    *sqs.Client
	sns    *sns.Client
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	address, accessKey := emptyCloud(t)
	config := aws.Config{
		BaseEndpoint:     &address,
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider(accessKey, "test", ""),
		RetryMaxAttempts: 1,
	}
	return &cloud{t, config, sqs.NewFromConfig(config), sns.NewFromConfig(config)}
}

// queue makes one that topics, buses and the scheduler may send to; returns its URL and its ARN.
func (c *cloud) queue(name string) (url, arn string) {
	c.t.Helper()
	ctx := context.Background()
	made, err := c.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		c.t.Fatal(err)
	}
	got, err := c.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: made.QueueUrl, AttributeNames: []queuetypes.QueueAttributeName{"QueueArn"},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	arn = got.Attributes["QueueArn"]
	policy := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
		"Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
		"Action": "sqs:SendMessage", "Resource": %q}]}`, arn)
	if _, err := c.sqs.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: made.QueueUrl, Attributes: map[string]string{"Policy": policy},
	}); err != nil {
		c.t.Fatal(err)
	}
	return *made.QueueUrl, arn
}

// subscribed makes a topic, and a queue that is subscribed to it with these attributes; returns
// the topic's ARN and the queue's URL.
func (c *cloud) subscribed(name string, attributes map[string]string) (topic, url string) {
	c.t.Helper()
	ctx := context.Background()
	made, err := c.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: &name})
	if err != nil {
		c.t.Fatal(err)
	}
	url, arn := c.queue(name)
	if _, err := c.sns.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: made.TopicArn, Protocol: aws.String("sqs"), Endpoint: &arn,
		Attributes: attributes,
	}); err != nil {
		c.t.Fatal(err)
	}
	return *made.TopicArn, url
}

// receive returns the body of the one message that the queue has, as JSON.
func (c *cloud) receive(url string) map[string]any {
	c.t.Helper()
	messages := requireReceive(c.t, c.sqs, &url, 10)
	if len(messages) != 1 {
		c.t.Fatalf("%d messages came instead of one: %q", len(messages), bodies(messages))
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(*messages[0].Body), &body); err != nil {
		c.t.Fatalf("%q: %v", *messages[0].Body, err)
	}
	return body
}

func TestATopicGivesAQueueWhatItsFilterWants(t *testing.T) {
	t.Parallel()
	cloud := newCloud(t)
	topic, url := cloud.subscribed("films", map[string]string{
		"FilterPolicy": `{"genre": ["noir", {"prefix": "neo-"}]}`,
	})
	var entries []topictypes.PublishBatchRequestEntry
	for _, genre := range []string{"comedy", "neo-noir", "musical"} {
		entries = append(entries, topictypes.PublishBatchRequestEntry{
			Id: &genre, Message: aws.String("a " + genre),
			MessageAttributes: map[string]topictypes.MessageAttributeValue{
				"genre": {DataType: aws.String("String"), StringValue: &genre},
			},
		})
	}
	published, err := cloud.sns.PublishBatch(context.Background(), &sns.PublishBatchInput{
		TopicArn: &topic, PublishBatchRequestEntries: entries,
	})
	if err != nil || len(published.Successful) != 3 {
		t.Fatalf("published %v %v", published, err)
	}
	envelope := cloud.receive(url)
	if envelope["Message"] != "a neo-noir" || envelope["TopicArn"] != topic ||
		envelope["MessageId"] != *published.Successful[1].MessageId {
		t.Fatalf("received %v", envelope)
	}
}

func TestARuleGivesAQueueWhatItsPatternMatches(t *testing.T) {
	t.Parallel()
	cloud := newCloud(t)
	ctx := context.Background()
	buses := eventbridge.NewFromConfig(cloud.config)
	bus := aws.String("cinema")
	if _, err := buses.CreateEventBus(ctx, &eventbridge.CreateEventBusInput{Name: bus}); err != nil {
		t.Fatal(err)
	}
	url, arn := cloud.queue("tickets")
	if _, err := buses.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String("groups"), EventBusName: bus,
		EventPattern: aws.String(`{"detail": {"seats": [{"numeric": [">", 9]}]}}`),
	}); err != nil {
		t.Fatal(err)
	}
	if put, err := buses.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String("groups"), EventBusName: bus,
		Targets: []bustypes.Target{{Id: aws.String("q"), Arn: &arn}},
	}); err != nil || put.FailedEntryCount != 0 {
		t.Fatalf("%v %v", put, err)
	}
	var entries []bustypes.PutEventsRequestEntry
	for _, seats := range []int{2, 30} {
		entries = append(entries, bustypes.PutEventsRequestEntry{
			EventBusName: bus, Source: aws.String("box office"), DetailType: aws.String("Sale"),
			Detail: aws.String(fmt.Sprintf(`{"seats": %d}`, seats)),
		})
	}
	put, err := buses.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil || put.FailedEntryCount != 0 {
		t.Fatalf("%v %v", put, err)
	}
	event := cloud.receive(url)
	if event["id"] != *put.Entries[1].EventId || event["detail-type"] != "Sale" {
		t.Fatalf("received %v", event)
	}
}

func TestAScheduleIsReadBackAsItWasMade(t *testing.T) {
	t.Parallel()
	cloud := newCloud(t)
	ctx := context.Background()
	schedules := scheduler.NewFromConfig(cloud.config)
	_, arn := cloud.queue("reels")
	start := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	made, err := schedules.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
		Name:                       aws.String("late-show"),
		ScheduleExpression:         aws.String("cron(30 22 ? * FRI *)"),
		ScheduleExpressionTimezone: aws.String("Europe/Berlin"),
		StartDate:                  &start,
		FlexibleTimeWindow: &scheduletypes.FlexibleTimeWindow{
			Mode: scheduletypes.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(15),
		},
		Target: &scheduletypes.Target{
			Arn: &arn, RoleArn: aws.String("arn:aws:iam::000000000001:role/projectionist"),
			Input: aws.String("roll"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	read, err := schedules.GetSchedule(ctx, &scheduler.GetScheduleInput{Name: aws.String("late-show")})
	if err != nil {
		t.Fatal(err)
	}
	if *read.Arn != *made.ScheduleArn || *read.GroupName != "default" ||
		*read.ScheduleExpressionTimezone != "Europe/Berlin" || !read.StartDate.Equal(start) ||
		*read.FlexibleTimeWindow.MaximumWindowInMinutes != 15 || *read.Target.Input != "roll" ||
		*read.Target.RetryPolicy.MaximumRetryAttempts != 185 {
		t.Fatalf("read back %+v", read)
	}
}

// requireEmpty fails the test if the queue has a message, also if a consumer has it now.
func requireEmpty(t *testing.T, cloud *cloud, url string) {
	t.Helper()
	got, err := cloud.sqs.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []queuetypes.QueueAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
	} {
		if got.Attributes[name] != "0" {
			t.Fatalf("%s is %s", name, got.Attributes[name])
		}
	}
}
