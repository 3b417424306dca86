import { GemgateError } from '../../core/errors.ts'
import { recordMagic } from '../protocol.ts'

/**
 * The identification block at the start of a PCIe board's register space, 32-bit words at these byte addresses. It is
 * the same in hdl/board, in the files of the XDMA driver and in the emulated device.
 */
export const identification = {
  /** recordMagic. */
  magic: 0,
  /** Build id of the logic, low and high word. */
  buildLow: 4,
  buildHigh: 8,
  /** Bit 0 holds the link engine in reset. */
  control: 12,
} as const

/** Word accesses in the register space. */
export interface RegisterSpace {
  read32(address: number): Promise<number>
  write32(address: number, value: number): Promise<void>
}

/**
 * Checks that gemgate's logic answers, and changes nothing. Returns the build id.
 * Throws GG_BOARD_UNAVAILABLE when something else answers, or nothing.
 */
export async function identify(name: string, space: RegisterSpace): Promise<bigint> {
  const magic = await space.read32(identification.magic)
  if (magic === 0xffffffff)
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `${name} answers with all ones: the board is not behind its PCIe address any more`,
      'Remove and rescan the PCIe device, or restart the computer; a board that was flashed needs that.',
    )
  if (magic !== recordMagic)
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `${name} is no board with gemgate's logic (it says 0x${magic.toString(16)})`,
      'Flash the firmware of this version, or name another device.',
    )
  const low = await space.read32(identification.buildLow)
  const high = await space.read32(identification.buildHigh)
  return (BigInt(high) << 32n) | BigInt(low)
}

/** The link engine forgets what is under way; to be done only by who has the board for himself. */
export async function resetEngine(space: RegisterSpace): Promise<void> {
  await space.write32(identification.control, 1)
  await space.write32(identification.control, 0)
}
