// A package of a function: a zip archive with one file that is not compressed.
import { crc32 } from "node:zlib";

/** The archive's bytes. */
export function archive(name, text) {
  const content = Buffer.from(text);
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(20, 0); // version needed
  entry.writeUInt32LE(0x21 << 16 >>> 0, 6); // 1980-01-01
  entry.writeUInt32LE(crc32(content), 10);
  entry.writeUInt32LE(content.length, 14);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt16LE(name.length, 22);
  const head = Buffer.concat([Buffer.from("PK\x03\x04"), entry, Buffer.from(name), content]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(0o100644 * 0x10000, 6);
  const directory = Buffer.concat([
    Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), entry, attributes, Buffer.from(name)]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(head.length, 12);
  return Buffer.concat([head, directory, Buffer.from("PK\x05\x06"), end]);
}
