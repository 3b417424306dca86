import type { Random } from '../../../src/core/random.ts'
import { repairCrc } from './ice40-writer.ts'

/** Where things stand in the image that is mutated. */
export interface ImageMap {
  /** Offsets of all commands, and the offset behind the last one. */
  readonly commands: readonly number[]
  readonly covered: number
  /** Behind the two bytes of the CRC. */
  readonly crcEnd: number
  /** A valid image of another device. */
  readonly otherDevice: Uint8Array
}

type Mutate = (bytes: Uint8Array, random: Random, map: ImageMap) => Uint8Array

const splice = (bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])

const noise = (random: Random, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.integer(256))

export const mutations = {
  'one bit': (bytes, random) => {
    const result = bytes.slice()
    result[random.integer(bytes.length)]! ^= 1 << random.integer(8)
    return result
  },
  'several bits': (bytes, random) => {
    const result = bytes.slice()
    for (let n = 2 + random.integer(6); n > 0; n--)
      result[random.integer(bytes.length)]! ^= 1 << random.integer(8)
    return result
  },
  'one byte': (bytes, random) => {
    const result = bytes.slice()
    result[random.integer(bytes.length)] = random.integer(256)
    return result
  },
  'a run of bytes': (bytes, random) => {
    const result = bytes.slice()
    const length = 1 + random.integer(64)
    const at = random.integer(bytes.length - length)
    result.set(random.uniform() < 0.5 ? noise(random, length) : new Uint8Array(length).fill(0xff), at)
    return result
  },
  'start or end': (bytes, random) => {
    const result = bytes.slice()
    const at = random.uniform() < 0.5 ? random.integer(48) : bytes.length - 1 - random.integer(12)
    result[at] = random.integer(256)
    return result
  },
  truncation: (bytes, random) => bytes.slice(0, random.integer(bytes.length)),
  insertion: (bytes, random) =>
    splice(bytes, random.integer(bytes.length + 1), 0, noise(random, 1 + random.integer(8))),
  deletion: (bytes, random) =>
    splice(bytes, random.integer(bytes.length - 8), 1 + random.integer(8), new Uint8Array(0)),
  'swapped blocks': (bytes, random) => {
    const result = bytes.slice()
    const length = 1 + random.integer(512)
    const [a, b] = [random.integer(bytes.length - length), random.integer(bytes.length - length)]
    result.set(bytes.subarray(a, a + length), b)
    result.set(bytes.subarray(b, b + length), a)
    return result
  },
  'junk behind': (bytes, random) =>
    splice(
      bytes,
      bytes.length,
      0,
      random.uniform() < 0.3
        ? new Uint8Array(1 + random.integer(64)).fill(random.uniform() < 0.5 ? 0 : 0xff)
        : noise(random, 1 + random.integer(64)),
    ),
  'a second image behind': (bytes) => Buffer.concat([bytes, bytes]),
  'command twice': (bytes, random, { commands }) => {
    const n = random.integer(commands.length - 1)
    return splice(bytes, commands[n]!, 0, bytes.slice(commands[n]!, commands[n + 1]!))
  },
  'command twice, CRC repaired': (bytes, random, { commands, covered, crcEnd }) => {
    const n = 2 + random.integer(commands.length - 5)
    const length = commands[n + 1]! - commands[n]!
    const longer = splice(bytes, commands[n]!, 0, bytes.slice(commands[n]!, commands[n + 1]!))
    return repairCrc(longer, covered, crcEnd + length)
  },
  'command moved': (bytes, random, { commands }) => {
    const n = random.integer(commands.length - 1)
    const command = bytes.slice(commands[n]!, commands[n + 1]!)
    const rest = splice(bytes, commands[n]!, command.length, new Uint8Array(0))
    const to = commands[random.integer(commands.length)]!
    return splice(rest, Math.min(to, rest.length), 0, command)
  },
  'command left out, CRC repaired': (bytes, random, { commands, covered, crcEnd }) => {
    const n = 2 + random.integer(commands.length - 5)
    const length = commands[n + 1]! - commands[n]!
    return repairCrc(splice(bytes, commands[n]!, length, new Uint8Array(0)), covered, crcEnd - length)
  },
  'other device': (_bytes, _random, { otherDevice }) => otherDevice,
} satisfies Record<string, Mutate>

export type Mutation = keyof typeof mutations
export const mutationKinds = Object.keys(mutations) as Mutation[]

export function mutate(kind: Mutation, bytes: Uint8Array, random: Random, map: ImageMap): Uint8Array {
  const apply: Mutate = mutations[kind]
  return apply(bytes, random, map)
}
