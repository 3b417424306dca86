import { GemgateError } from '../core/errors.ts'
import type { Carrier } from '../link/carrier.ts'
import { parseSerialAddress } from '../link/carriers/serial-address.ts'
import type { BoardProfile } from '../toolchain/board-profile.ts'
import { deviceUsers } from '../toolchain/flash/device-users.ts'

/** A way to ask the logic of a board what it is. */
export interface FlashPort {
  readonly address: string
  readonly open: () => Promise<Carrier>
  /** Throws GG_BOARD_UNAVAILABLE when another program uses the link: a PCIe device must not vanish under it. */
  readonly free: () => Promise<void>
}

/**
 * The link of a board: the address that was given, or the one serial port that belongs to the board's USB bridge.
 * @throws GemgateError GG_BOARD_ADDRESS, GG_USAGE when none or several ports are there to choose from
 */
export async function flashPort(profile: BoardProfile, address: string | undefined): Promise<FlashPort> {
  if (address?.startsWith('xdma:')) {
    const { XdmaCarrier } = await import('../link/carriers/xdma-carrier.ts')
    const base = address.slice('xdma:'.length)
    return { address, open: () => XdmaCarrier.open(base), free: () => unused(base) }
  }
  const chosen = address ?? (await findPort(profile))
  const parsed = parseSerialAddress(chosen)
  const { SerialCarrier } = await import('../link/carriers/serial-carrier.ts')
  return { address: chosen, open: () => SerialCarrier.open(parsed), free: async () => undefined }
}

async function unused(base: string): Promise<void> {
  const users = await deviceUsers(`${base}_`)
  if (users.length > 0)
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `${base} is open in process ${users.join(', ')}; the computer may hang when the board restarts under it`,
      'End what uses the board, and repeat.',
    )
}

/** What serialport says of a port. */
interface Port {
  readonly path: string
  readonly vendorId?: string | undefined
  readonly productId?: string | undefined
  readonly pnpId?: string | undefined
}

async function findPort(profile: BoardProfile): Promise<string> {
  const { link, usb, name } = profile
  if (link.kind !== 'uart')
    throw new GemgateError(
      'GG_USAGE',
      `${name} is a PCIe board: its device file must be named`,
      'Give --port xdma:/dev/xdma0.',
    )
  const list = await import('serialport').then(
    ({ SerialPort }) => SerialPort.list() as Promise<readonly Port[]>,
    (): readonly Port[] => [],
  )
  const candidates = boardPorts(await Promise.resolve(list).catch((): readonly Port[] => []), usb)
  const [port] = candidates
  if (candidates.length !== 1 || port === undefined)
    throw new GemgateError(
      'GG_USAGE',
      candidates.length === 0
        ? `no serial port of ${name} is there, so nothing could tell whether it runs the image`
        : `${candidates.length} serial ports could be that of ${name}: ${candidates.map(({ path }) => path).join(', ')}`,
      'Plug the board in, or give --port serial:/dev/ttyUSB1.',
    )
  return `serial:${port.path}?baud=${link.baud}`
}

/** Ports of bridges with these ids; of a bridge with two ports the second one, which is the UART. */
export function boardPorts(ports: readonly Port[], usb: BoardProfile['usb']): readonly Port[] {
  const ids = usb.map(({ vendor, product }) => `${hex(vendor)}:${hex(product)}`)
  const found = ports.filter(({ vendorId, productId }) =>
    ids.includes(`${vendorId?.toLowerCase()}:${productId?.toLowerCase()}`),
  )
  const second = found.filter(({ pnpId }) => /-if01-/.test(pnpId ?? ''))
  return second.length > 0 ? second : found
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0')
}
