import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GemgateError } from '../../src/core/errors.ts'
import type { GeneratedDesign } from './compiler/generate.ts'
import type { Segment } from './compiler/layout.ts'

/** The pinned version of @yowasp/yosys; part of every key, known without loading Yosys. */
export const yosysVersion = '0.55.944'

const magic = 'gemgate-sim 1\n'
const digestBytes = 32

const digests = new Map<string, string>()

/** Changes whenever one of our own folders does: a digest of its source files. */
export function sourceDigest(name: 'compiler' | 'coverage'): string {
  let digest = digests.get(name)
  if (digest === undefined) {
    const folder = join(dirname(fileURLToPath(import.meta.url)), name)
    const hash = createHash('sha256')
    for (const file of readdirSync(folder).sort())
      if (/\.(ts|js)$/.test(file) && !file.endsWith('.d.ts'))
        hash.update(file).update(readFileSync(join(folder, file)))
    digest = hash.digest('hex')
    digests.set(name, digest)
  }
  return digest
}

/** The cache key of a compilation: everything that decides the result; 1, 1n and '1n' are three things. */
export function cacheKey(inputs: unknown): string {
  const text = JSON.stringify([yosysVersion, sourceDigest('compiler'), inputs], (_, value: unknown) =>
    typeof value === 'bigint' || typeof value === 'number' ? { [typeof value]: `${value}` } : value,
  )
  return createHash('sha256').update(text).digest('hex')
}

function entryPath(folder: string, key: string): string {
  return join(folder, `${key}.design`)
}

interface Header extends Omit<GeneratedDesign, 'wasm' | 'image'> {
  readonly wasmLength: number
  readonly segments: readonly { readonly address: number; readonly length: number }[]
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // it was never created
  }
}

/** A cached design, or undefined if there is none or it is damaged. */
export function readCache(folder: string, key: string): GeneratedDesign | undefined {
  const path = entryPath(folder, key)
  if (!existsSync(path)) return undefined
  try {
    const file = readFileSync(path)
    const payload = file.subarray(magic.length + digestBytes)
    const digest = file.subarray(magic.length, magic.length + digestBytes)
    if (file.subarray(0, magic.length).toString('latin1') !== magic) return undefined
    if (!createHash('sha256').update(payload).digest().equals(digest)) return undefined
    return decode(payload)
  } catch {
    // unreadable counts as absent: the design is compiled again and the entry replaced
    return undefined
  }
}

function decode(payload: Uint8Array): GeneratedDesign {
  const view = new DataView(payload.buffer, payload.byteOffset)
  const headerLength = view.getUint32(0, true)
  let at = 4
  // a plain copy: slices of a Buffer stay Buffers on the same memory
  const take = (length: number) => new Uint8Array(payload.subarray(at, (at += length)))
  const header = JSON.parse(new TextDecoder().decode(take(headerLength))) as Header
  const { wasmLength, segments, ...rest } = header
  const wasm = take(wasmLength)
  const image: Segment[] = segments.map(({ address, length }) => ({ address, bytes: take(length) }))
  return { ...rest, wasm, image }
}

/**
 * Stores a design; the entry appears whole or not at all.
 * @throws GemgateError GG_CACHE if the folder cannot be written
 */
export function writeCache(folder: string, key: string, design: GeneratedDesign): void {
  const { wasm, image, ...rest } = design
  const segments = image.map(({ address, bytes }) => ({ address, length: bytes.length }))
  const header = Buffer.from(JSON.stringify({ ...rest, wasmLength: wasm.length, segments } satisfies Header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  const payload = Buffer.concat([length, header, wasm, ...image.map(({ bytes }) => bytes)])
  const digest = createHash('sha256').update(payload).digest()
  const path = entryPath(folder, key)
  const temporary = `${path}.${randomUUID()}`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(temporary, Buffer.concat([Buffer.from(magic, 'latin1'), digest, payload]))
    renameSync(temporary, path)
  } catch (cause) {
    discard(temporary)
    throw new GemgateError(
      'GG_CACHE',
      `the simulation cache ${folder} cannot be written`,
      'Make the folder writable, choose another one, or pass `cache: false`.',
      { file: path, cause },
    )
  }
}
