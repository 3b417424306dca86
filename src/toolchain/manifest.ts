import { readFile } from 'node:fs/promises'
import type { LogicCapability } from '../board/capability.ts'
import { GemgateError } from '../core/errors.ts'

/** What one kind of resource is used, of what the device has. */
export interface ResourceUse {
  readonly used: number
  readonly available: number
}

/** What stands beside an image; says what it is, from what it was made, and what it needs. No dates, no paths. */
export interface BitstreamManifest {
  /** Version of this layout. */
  readonly format: 1
  readonly board: string
  /** As nextpnr names them, for example `up5k` and `sg48`. */
  readonly device: string
  readonly package: string
  readonly top: string
  /** Clock of the logic, Hz. */
  readonly clock: number
  /** Fastest clock after routing, Hz, and what is left of the period, ns. */
  readonly fmax: number
  readonly slack: number
  /** Baud of the UART. */
  readonly baud: number
  /** Seed of the placement. */
  readonly seed: number
  readonly resources: {
    readonly logicCells: ResourceUse
    /** Of the logic cells, those with a look-up table and those with a flip-flop, counted before packing. */
    readonly luts: number
    readonly flipFlops: number
    readonly blockRams: ResourceUse
    readonly multipliers: ResourceUse
    readonly singlePortRams: ResourceUse
  }
  /** SHA-256 of everything that decides the image, see source-hash.ts. */
  readonly sourceHash: string
  /** First 64 bits of sourceHash, 16 hexadecimal digits; HELLO returns them. */
  readonly buildId: string
  /** CRC-32 of the register table, 8 hexadecimal digits. */
  readonly registerSchema: string
  readonly protocolVersion: number
  readonly capability: LogicCapability
  readonly tools: Readonly<Record<string, string>>
  readonly sources: readonly string[]
  readonly image: { readonly file: string; readonly bytes: number; readonly sha256: string }
}

/** The bytes of a manifest file. */
export function manifestText(manifest: BitstreamManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/**
 * Reads the manifest beside an image.
 * @throws GemgateError GG_FILE_NOT_FOUND, GG_FILE_FORMAT naming the first field that is missing or of another kind
 */
export async function readManifest(path: string): Promise<BitstreamManifest> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new GemgateError('GG_FILE_NOT_FOUND', 'the manifest cannot be read', 'Check the path.', {
      file: path,
      cause,
    })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged(path, 'is no JSON')
  }
  check(path, '', value, shape)
  return value as BitstreamManifest
}

const use = { used: 'count', available: 'count' } as const
const shape = {
  format: 'one',
  board: 'text',
  device: 'text',
  package: 'text',
  top: 'text',
  clock: 'count',
  fmax: 'count',
  slack: 'number',
  baud: 'count',
  seed: 'count',
  resources: {
    logicCells: use,
    luts: 'count',
    flipFlops: 'count',
    blockRams: use,
    multipliers: use,
    singlePortRams: use,
  },
  sourceHash: /^[0-9a-f]{64}$/,
  buildId: /^[0-9a-f]{16}$/,
  registerSchema: /^[0-9a-f]{8}$/,
  protocolVersion: 'count',
  capability: {
    input: /^(pixels|macro-pixels)$/,
    macroSide: 'count',
    labelBits: 'count',
    gainBits: 'count',
    tiles: 'boolean',
  },
  tools: 'texts by name',
  sources: 'texts',
  image: { file: /^[\w.-]+$/, bytes: 'count', sha256: /^[0-9a-f]{64}$/ },
} as const

type Kind = 'one' | 'text' | 'count' | 'number' | 'boolean' | 'texts' | 'texts by name' | RegExp
type Shape = Kind | { readonly [field: string]: Shape }

const tests: Readonly<Record<Exclude<Kind, RegExp>, (value: unknown) => boolean>> = {
  one: (value) => value === 1,
  text: (value) => typeof value === 'string' && value !== '',
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  number: (value) => Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  'texts by name': (value) =>
    isRecord(value) && Object.values(value).every((item) => typeof item === 'string'),
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function check(path: string, field: string, value: unknown, expected: Shape): void {
  if (typeof expected === 'string' || expected instanceof RegExp) {
    const fits =
      typeof expected === 'string'
        ? tests[expected](value)
        : typeof value === 'string' && expected.test(value)
    if (!fits) throw damaged(path, `has no usable ${field}`)
    return
  }
  if (!isRecord(value)) throw damaged(path, field === '' ? 'is no object' : `has no usable ${field}`)
  for (const [name, inner] of Object.entries(expected))
    check(path, field === '' ? name : `${field}.${name}`, value[name], inner)
}

function damaged(path: string, what: string): GemgateError {
  const remedy = 'Take the manifest that was built with the image, or build both again.'
  return new GemgateError('GG_FILE_FORMAT', `the manifest ${what}`, remedy, { file: path })
}
