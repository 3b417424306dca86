import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { corrupt, fromSystem, truncated } from './file-errors.ts'

/** Bytes read in order, without holding more than was asked for. */
export interface ByteSource {
  /** Fills `target` from its start; returns fewer bytes than it holds only at the end. */
  read(target: Uint8Array): Promise<number>
  /** Bytes that are left, where that is known: a check before large allocations. */
  readonly remaining: number | undefined
  close(): Promise<void>
}

/** The bytes of an open file. Closing it is left to whoever opened it. */
export function fileSource(handle: FileHandle, size: number): ByteSource {
  let position = 0
  return {
    get remaining() {
      return Math.max(0, size - position)
    },
    async read(target) {
      let got = 0
      while (got < target.length) {
        const { bytesRead } = await handle.read(target, got, target.length - got, position)
        if (bytesRead === 0) break
        got += bytesRead
        position += bytesRead
      }
      return got
    },
    async close() {},
  }
}

/**
 * The decompressed bytes of a gzip file. The checksum stands at the end of a gzip file: damage that still
 * decompresses is reported only there (GG_FILE_CORRUPT), after what came before it was handed out.
 */
export function gunzipSource(path: string): ByteSource {
  const gunzip = createGunzip({ chunkSize: 1 << 20 })
  // `pipeline` destroys both streams together; its error reaches the iterator below.
  pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), gunzip, () => {})
  const chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  let chunk: Uint8Array = new Uint8Array(0)
  let used = 0
  return {
    remaining: undefined,
    async read(target) {
      let got = 0
      while (got < target.length) {
        if (used === chunk.length) {
          const next = await chunks.next().catch((error: unknown) => {
            throw gzipFailure(path, error)
          })
          if (next.done === true) break
          chunk = next.value
          used = 0
        }
        const take = Math.min(target.length - got, chunk.length - used)
        target.set(chunk.subarray(used, used + take), got)
        got += take
        used += take
      }
      return got
    },
    async close() {
      gunzip.destroy()
    },
  }
}

function gzipFailure(path: string, error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'Z_BUF_ERROR') return truncated(path, 'ends inside its gzip stream')
  if (typeof code === 'string' && code.startsWith('Z_'))
    return corrupt(
      path,
      `is damaged gzip (${error instanceof Error ? error.message : code})`,
      undefined,
      error,
    )
  return fromSystem(path, error)
}
