import { GemgateError } from '../../../src/core/errors.ts'
import type { Port, PortDirection } from '../compiler/layout.ts'
import type { Simulation } from '../simulation.ts'

/** A port as a bench sees it: whole numbers up to 32 bits, bigints above; `signed` ports in two's complement. */
export interface PortAccess {
  readonly port: Port
  read(): number | bigint
  /** The value as it was last settled. */
  settled(): number | bigint
  /** @throws GemgateError GG_PORT for a value that does not fit, or for an output */
  write(value: number | bigint): void
}

/** Reads and writes one port, as fast as its kind allows. */
export function portAccess(simulation: Simulation, name: string): PortAccess {
  const word = simulation.word(name)
  const port = simulation.ports.get(name)!
  const { words } = simulation
  const { width, signed, direction } = port
  const fresh = port.registered
  if (width > 32) {
    const wide = () => {
      let value = 0n
      for (let i = Math.ceil(width / 32) - 1; i >= 0; i--)
        value = (value << 32n) | BigInt(words[word + i]! >>> 0)
      return signed ? BigInt.asIntN(width, value) : value
    }
    return {
      port,
      settled: wide,
      read: () => {
        if (!fresh) simulation.refresh()
        return wide()
      },
      write: (value) => simulation.set(name, value),
    }
  }
  const shift = 32 - width
  const load = signed ? () => (words[word]! << shift) >> shift : () => words[word]! >>> 0
  const top = 2 ** width
  const bottom = signed ? -top / 2 : 0
  const mask = width === 32 ? -1 : top - 1
  return {
    port,
    settled: load,
    read: fresh
      ? load
      : () => {
          simulation.refresh()
          return load()
        },
    write: (value) => {
      if (direction === 'input' && Number.isInteger(value) && value >= bottom && value < top)
        words[word] = (value as number) & mask
      else simulation.set(name, value)
    },
  }
}

/** Names that printing and comparing look for on any object; they are no misspelt ports. */
const probedNames = /^(?:then|toJSON|asymmetricMatch|nodeType|tagName|\$\$typeof|@@.*|__.*__)$/

/** The ports of one direction as properties; any other name throws. */
export function portView(
  simulation: Simulation,
  direction: PortDirection,
  access: (name: string) => PortAccess,
): Record<string, number | bigint> {
  const names = [...simulation.ports.values()].filter((p) => p.direction === direction).map((p) => p.name)
  const unknown = (name: string): GemgateError => {
    const other = simulation.ports.get(name)
    return other
      ? new GemgateError(
          'GG_PORT',
          `the port ${name} of ${simulation.design.top} is an ${other.direction}`,
          `Use \`${other.direction === 'input' ? 'in' : 'out'}.${name}\`.`,
        )
      : new GemgateError(
          'GG_PORT',
          `${simulation.design.top} has no ${direction} ${name}`,
          `Its ${direction}s are ${names.join(', ') || 'none'}.`,
        )
  }
  const known = (name: string | symbol) =>
    typeof name === 'symbol' || name in Object.prototype || probedNames.test(name)
  const fallback = new Proxy(Object.prototype, {
    get: (target, name) => {
      if (known(name)) return Reflect.get(target, name) as unknown
      throw unknown(String(name))
    },
    set: (_, name) => {
      throw unknown(String(name))
    },
  })
  const view = Object.create(fallback) as Record<string, number | bigint>
  for (const name of names) {
    const { read, write } = access(name)
    const set = (value: number | bigint) => {
      if (direction === 'output') simulation.set(name, value)
      write(value)
    }
    Object.defineProperty(view, name, { get: read, set, enumerable: true, configurable: false })
  }
  return Object.preventExtensions(view)
}
