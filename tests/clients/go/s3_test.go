package clients

// The AWS SDK for Go puts, gets and lists objects with its default checksums, and uploads in parts.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// newBucket returns a client and the name of a bucket of its own.
func newBucket(t *testing.T) (*s3.Client, *string) {
	t.Helper()
	client := s3.New(s3.Options{
		BaseEndpoint:     aws.String(startServer(t)),
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
		UsePathStyle:     true,
	})
	name := fmt.Sprintf("go-%d-%d", os.Getpid(), time.Now().UnixNano())
	if _, err := client.CreateBucket(context.Background(),
		&s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return client, &name
}

func requireObject(t *testing.T, client *s3.Client, bucket *string, key string, want []byte) {
	t.Helper()
	got, err := client.GetObject(context.Background(), &s3.GetObjectInput{
		Bucket: bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content, want) {
		t.Fatalf("%d bytes instead of %d", len(content), len(want))
	}
}

func TestObjectsArePutGotListedAndDeleted(t *testing.T) {
	client, bucket := newBucket(t)
	ctx := context.Background()
	content := bytes.Repeat([]byte("film"), 50_000)
	keys := []string{"a b/ü+1%.txt", "b", "c"}
	for _, key := range keys {
		if _, err := client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: bucket, Key: &key, Body: bytes.NewReader(content),
			Metadata: map[string]string{"film": "m"},
		}); err != nil {
			t.Fatal(err)
		}
		requireObject(t, client, bucket, key, content)
	}
	var listed []string
	pages := s3.NewListObjectsV2Paginator(client,
		&s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range page.Contents {
			listed = append(listed, *object.Key)
		}
	}
	if !slices.Equal(listed, keys) {
		t.Fatalf("listed %q", listed)
	}
	if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: bucket, Key: &keys[0],
	}); err != nil {
		t.Fatal(err)
	}
	_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &keys[0]})
	var missing *types.NoSuchKey
	if !errors.As(err, &missing) {
		t.Fatalf("not NoSuchKey: %v", err)
	}
}

func TestPartsBecomeOneObject(t *testing.T) {
	client, bucket := newBucket(t)
	ctx := context.Background()
	key := aws.String("big")
	started, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
	})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	var whole []byte
	for number, size := range []int{5 << 20, 5 << 20, 100} {
		content := bytes.Repeat([]byte{byte('a' + number)}, size)
		whole = append(whole, content...)
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: started.UploadId, Body: bytes.NewReader(content),
			PartNumber:        aws.Int32(int32(number + 1)),
			ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
		})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{
			PartNumber: aws.Int32(int32(number + 1)), ETag: part.ETag,
			ChecksumSHA256: part.ChecksumSHA256,
		})
	}
	if _, err := client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: started.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	}); err != nil {
		t.Fatal(err)
	}
	requireObject(t, client, bucket, "big", whole)
}
