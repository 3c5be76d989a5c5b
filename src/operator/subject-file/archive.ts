import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

import { ZipFile } from 'yazl';

/** File of an archive, its content in parts. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** File as the manifest names it. */
interface Listed {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Zip archive of files, each made when the one before is written, and of a manifest with the SHA-256 of each at its end.
 * A failure of a file destroys the stream, so that whoever reads it does not take a part for the whole.
 */
export function archiveOf(files: AsyncIterable<ArchiveFile>, manifest: Readonly<Record<string, unknown>>): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.outputStream.pipe(output);
  zip.on('error', (error: unknown) => destroy(output, error));
  const closed = new Promise<void>((resolve) => output.once('close', resolve));
  const write = async (): Promise<void> => {
    const listed: Listed[] = [];
    for await (const file of files) {
      listed.push(await add(zip, file, closed));
      if (output.destroyed) return;
    }
    const content = Buffer.from(`${JSON.stringify({ ...manifest, files: listed }, null, 2)}\n`);
    await add(zip, { path: 'manifest.json', content: [content] }, closed);
    zip.end();
  };
  write().catch((error: unknown) => destroy(output, error));
  return output;
}

function destroy(output: PassThrough, error: unknown): void {
  output.destroy(error instanceof Error ? error : new Error('the archive failed'));
}

/** Adds a file; done when all of it is taken out of memory, or nobody reads any more. */
async function add(zip: ZipFile, { path, content }: ArchiveFile, closed: Promise<void>): Promise<Listed> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const part of content) {
      hash.update(part);
      bytes += part.length;
      yield part;
    }
  }
  const stream = Readable.from(counted(), { objectMode: false });
  zip.addReadStream(stream, path, { mode: 0o100600 });
  await Promise.race([finished(stream, { writable: false }), closed]);
  return { path, bytes, sha256: hash.digest('hex') };
}
