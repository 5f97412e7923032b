package clients

// The Go Cloud Development Kit publishes to a topic and consumes from the queue behind it.

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"gocloud.dev/pubsub"
	"gocloud.dev/pubsub/awssnssqs"
)

// consume acknowledges `count` messages of the subscription; returns their texts, sorted.
func consume(t *testing.T, subscription *pubsub.Subscription, count int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var texts []string
	for range count {
		message, err := subscription.Receive(ctx)
		if err != nil {
			t.Fatalf("after %q: %v", texts, err)
		}
		texts = append(texts, fmt.Sprintf("%s %s", message.Metadata["genre"], message.Body))
		message.Ack()
	}
	slices.Sort(texts)
	return texts
}

func TestWhatGoCloudPublishesItsSubscriptionConsumes(t *testing.T) {
	for _, raw := range []string{"false", "true"} {
		t.Run("raw="+raw, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t)
			arn, url := cloud.subscribed("films", map[string]string{
				"FilterPolicy": `{"genre": [{"anything-but": "comedy"}]}`, "RawMessageDelivery": raw,
			})
			ctx := context.Background()
			topic := awssnssqs.OpenSNSTopic(ctx, cloud.sns, arn, nil)
			subscription := awssnssqs.OpenSubscription(ctx, cloud.sqs, url,
				&awssnssqs.SubscriptionOptions{Raw: raw == "true", WaitTime: 5 * time.Second})
			for genre, body := range map[string]string{
				"noir": "grüße 👋", "comedy": "never", "binary": "\xff\x00 is base64",
			} {
				if err := topic.Send(ctx, &pubsub.Message{
					Body: []byte(body), Metadata: map[string]string{"genre": genre},
				}); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{"binary \xff\x00 is base64", "noir grüße 👋"}
			if got := consume(t, subscription, 2); !slices.Equal(got, want) {
				t.Fatalf("consumed %q instead of %q", got, want)
			}
			if err := topic.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			// What is still to be acknowledged is, before the subscription has ended.
			if err := subscription.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			requireEmpty(t, cloud, url)
		})
	}
}
