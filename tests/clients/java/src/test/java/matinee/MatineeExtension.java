package matinee;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One Matinee for all tests of this JVM, with which it ends; an empty cloud for each of them. */
public final class MatineeExtension implements BeforeEachCallback, ParameterResolver {
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([^\"]+)\"");
  private static URI address;

  private static synchronized URI start() throws IOException {
    if (address != null) return address;
    String binary = System.getenv().getOrDefault("MATINEE_BINARY", "matinee");
    Process server = new ProcessBuilder(binary, "up", "--port", "0", "--durability", "memory",
        "--format", "json", "--exit-with-parent")
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    Matcher ready = ADDRESS.matcher(String.valueOf(server.inputReader().readLine()));
    if (!ready.find()) throw new IOException("Matinee has not started.");
    address = URI.create(ready.group(1));
    return address;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException, InterruptedException {
    HttpRequest reset = HttpRequest.newBuilder(start().resolve("/_matinee/reset"))
        .POST(HttpRequest.BodyPublishers.noBody())
        .build();
    int status = HttpClient.newHttpClient().send(reset, BodyHandlers.discarding()).statusCode();
    if (status != 200) throw new IOException("The reset has failed: " + status);
  }

  /** A URI among the parameters of a test is the address of the cloud. */
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == URI.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return address;
  }
}
