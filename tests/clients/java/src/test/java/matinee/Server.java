package matinee;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server under test: $MATINEE_ENDPOINT, or a `matinee up` of our own that ends with the tests. */
final class Server implements AutoCloseable {
  private final Process process;
  private final Path directory;
  private final URI uri;

  Server() throws IOException {
    String given = System.getenv("MATINEE_ENDPOINT");
    if (given != null) {
      process = null;
      directory = null;
      uri = URI.create(given);
      return;
    }
    int port = freePort();
    directory = Files.createTempDirectory("matinee-java-");
    process = new ProcessBuilder(findBinary().toString(), "up", "--port", Integer.toString(port),
        "--data", directory.resolve("data").toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    if (line == null || !line.contains(Integer.toString(port))) {
      throw new IllegalStateException("unexpected ready line: " + line);
    }
    uri = URI.create("http://127.0.0.1:" + port);
  }

  URI uri() {
    return uri;
  }

  /** Ends it with SIGTERM, as a user would. */
  @Override
  public void close() throws IOException, InterruptedException {
    if (process == null) return;
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the server did not end after SIGTERM");
    }
    List<Path> files;
    try (var all = Files.walk(directory)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) Files.delete(file);
    if (process.exitValue() != 0) {
      throw new IllegalStateException("the server ended with " + process.exitValue());
    }
  }

  private static Path findBinary() {
    String given = System.getenv("MATINEE_BINARY");
    Path build = Path.of("..", "..", "..", "build");
    List<Path> candidates = given != null
        ? List.of(Path.of(given))
        : List.of(build.resolve("release/src/matinee"), build.resolve("dev/src/matinee"));
    return candidates.stream().filter(Files::isExecutable).findFirst().orElseThrow(
        () -> new IllegalStateException("no matinee program at any of " + candidates));
  }

  private static int freePort() throws IOException {
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
