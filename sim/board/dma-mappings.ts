import { errno, VfioRefusal } from '../../src/link/carriers/vfio-user-messages.ts'

interface Mapping {
  readonly address: bigint
  readonly size: bigint
  readonly flags: number
}

const page = 4096n

/** The host memory that a device may reach. Refuses what the protocol refuses. */
export class DmaMappings {
  /** Mappings at a time. */
  static readonly limit = 64
  readonly #mappings: Mapping[] = []

  /** @param flags 1 readable, 2 writeable */
  add(address: bigint, size: bigint, flags: number): void {
    if (size === 0n || address % page !== 0n || size % page !== 0n || address + size > 1n << 64n)
      throw new VfioRefusal(errno.EINVAL)
    if (flags === 0 || flags > 3) throw new VfioRefusal(errno.EINVAL)
    if (
      this.#mappings.some((other) => address < other.address + other.size && other.address < address + size)
    )
      throw new VfioRefusal(errno.EEXIST)
    if (this.#mappings.length >= DmaMappings.limit) throw new VfioRefusal(errno.EBUSY)
    this.#mappings.push({ address, size, flags })
  }

  /** Exactly one that was mapped. */
  remove(address: bigint, size: bigint): void {
    const at = this.#mappings.findIndex((other) => other.address === address && other.size === size)
    if (at < 0) throw new VfioRefusal(errno.EINVAL)
    this.#mappings.splice(at, 1)
  }

  /** True when all the bytes lie in one mapping with that access. */
  allows(address: bigint, count: number, access: 'readable' | 'writeable'): boolean {
    const bit = access === 'readable' ? 1 : 2
    return this.#mappings.some(
      ({ address: base, size, flags }) =>
        (flags & bit) !== 0 && address >= base && address + BigInt(count) <= base + size,
    )
  }
}
