package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers with its event, and with what the runtime has told it. */
public final class Handler implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private int calls;

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    if (event.containsKey("fail")) {
      throw new IllegalStateException(String.valueOf(event.get("fail")));
    }
    context.getLogger().log("called as " + context.getFunctionName());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("event", event);
    answer.put("request", context.getAwsRequestId());
    answer.put("calls", ++calls);
    return answer;
  }
}
