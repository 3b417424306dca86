import type { Random } from '../../src/core/random.ts'

/** What a line can do to a chunk of bytes. */
export const damageKinds = ['flip', 'dropBytes', 'dropChunk', 'double', 'garbage', 'truncate'] as const

export type DamageKind = (typeof damageKinds)[number]

/** A damaged copy; bytes come and go in groups of `unit`. */
export function damaged(bytes: Uint8Array, kind: DamageKind, unit: number, random: Random): Uint8Array {
  const at = unit * random.integer(Math.floor(bytes.length / unit) + 1)
  const some = unit * (1 + random.integer(3))
  switch (kind) {
    case 'flip':
      return flipped(bytes, random)
    case 'dropBytes':
      return joined(bytes.subarray(0, at), bytes.subarray(at + some))
    case 'dropChunk':
      return new Uint8Array(0)
    case 'double':
      return joined(bytes, bytes)
    case 'garbage':
      return joined(
        bytes.subarray(0, at),
        randomBytes(some * (1 + random.integer(20)), random),
        bytes.subarray(at),
      )
    case 'truncate':
      return bytes.slice(0, at)
  }
}

export function randomBytes(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(256))
}

/** One to three bits turned over. */
function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice()
  for (let n = 1 + random.integer(3); n > 0 && copy.length > 0; n--)
    copy[random.integer(copy.length)]! ^= 1 << random.integer(8)
  return copy
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
