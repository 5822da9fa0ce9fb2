"""Java: the compiler, then a program that allocates natively (zlib, direct and mapped buffers) in compiled code and many
threads, takes null pointers and stack overflows by signal handlers, and starts a process."""

from case import Case

PACKAGES = ["default-jdk-headless"]
NEEDS = ["java", "javac"]

SOURCE = r"""
import java.io.*; import java.nio.*; import java.nio.channels.*; import java.nio.file.*; import java.util.*;
import java.util.concurrent.*; import java.util.zip.*;
public class Natively {
        static long round(int n) throws Exception {
                byte[] in = new byte[200000], out = new byte[400000], back = new byte[200000];
                new Random(n).nextBytes(in);
                Arrays.fill(in, 0, 100000, (byte) n);
                Deflater deflater = new Deflater(6);
                deflater.setInput(in);
                deflater.finish();
                int length = deflater.deflate(out);
                deflater.end();
                Inflater inflater = new Inflater();
                inflater.setInput(out, 0, length);
                inflater.inflate(back);
                inflater.end();
                if (!Arrays.equals(in, back)) throw new Exception("inflated to something else");
                ByteBuffer direct = ByteBuffer.allocateDirect(65536);
                long sum = length;
                for (int i = 0; i < 65536; i++) direct.put(i, (byte) (i * n));
                for (int i = 0; i < 65536; i++) sum += direct.get(i);
                return sum;
        }
        static int deep(int n) { return deep(n + 1) + 1; }
        public static void main(String[] arguments) throws Exception {
                ExecutorService pool = Executors.newFixedThreadPool(4);
                List<Future<Long>> rounds = new ArrayList<>();
                for (int n = 0; n < 40; n++) { final int k = n; rounds.add(pool.submit(() -> round(k))); }
                long sum = 0;
                for (Future<Long> one : rounds) sum += one.get();
                pool.shutdown();
                System.out.println("rounds " + sum);
                Path path = Paths.get("mapped");
                try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        MappedByteBuffer mapped = file.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
                        for (int i = 0; i < 1 << 20; i++) mapped.put((byte) i);
                        mapped.force();
                }
                CRC32 crc = new CRC32();
                crc.update(Files.readAllBytes(path));
                System.out.println("mapped " + crc.getValue());
                Process child = new ProcessBuilder("sh", "-c", "echo child; exit 7").start();
                System.out.println(new BufferedReader(new InputStreamReader(child.getInputStream())).readLine() + " " + child.waitFor());
                int nulls = 0;
                String none = arguments.length > 0 ? "" : null;
                for (int i = 0; i < 20000; i++) try { none.length(); } catch (NullPointerException e) { nulls++; }
                System.out.println("nulls " + nulls);
                for (int i = 0; i < 3; i++) try { deep(0); } catch (StackOverflowError e) { System.out.println("overflow"); }
                System.gc();
                System.exit(5);
        }
}
"""


def cases():
    return [Case("natively", ["bash", "-c", "javac Natively.java && java -Xmx256m -cp . Natively"],
                 files={"Natively.java": SOURCE})]
