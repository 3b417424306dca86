import { GemgateError } from '../core/errors.ts'
import type { Carrier } from '../link/carrier.ts'
import { parseSerialAddress } from '../link/carriers/serial-address.ts'
import type { BoardProfile } from '../toolchain/board-profile.ts'
import { deviceUsers } from '../toolchain/flash/device-users.ts'

/** The link of a board, for flashing. */
export interface FlashPort {
  /** Null for a PCIe board that was not named: writing it needs no link. */
  readonly address: string | null
  /** Throws GG_USAGE without an address, and what the carrier throws. */
  readonly open: () => Promise<Carrier>
  /** Throws GG_BOARD_UNAVAILABLE when a program has the link open: a PCIe device must not vanish under it. */
  readonly free: () => Promise<void>
}

/** What serialport says of a port. */
interface Port {
  readonly path: string
  readonly vendorId?: string | undefined
  readonly productId?: string | undefined
  readonly pnpId?: string | undefined
}

/** The part of the package serialport that finds ports. */
interface PortLister {
  readonly SerialPort: { list(): Promise<readonly Port[]> }
}

/**
 * The link of a board: the address that was given, or the one serial port that belongs to the board's USB bridge.
 * @throws GemgateError GG_BOARD_ADDRESS, GG_TOOL_MISSING without serialport, GG_BOARD_UNAVAILABLE when no such port is
 *   there, GG_USAGE for several ports or the address of another kind of link
 */
export async function flashPort(
  profile: BoardProfile,
  address: string | undefined,
  load: () => Promise<PortLister> = () => import('serialport'),
): Promise<FlashPort> {
  if (profile.link.kind === 'pcie') return pciePort(profile.name, address)
  if (address?.startsWith('xdma:')) throw otherLink(profile.name, 'a serial port', 'serial:/dev/ttyUSB1')
  const chosen = address ?? `serial:${await findPort(profile, load)}?baud=${profile.link.baud}`
  const parsed = parseSerialAddress(chosen)
  const { SerialCarrier } = await import('../link/carriers/serial-carrier.ts')
  return { address: chosen, open: () => SerialCarrier.open(parsed), free: async () => undefined }
}

function pciePort(board: string, address: string | undefined): FlashPort {
  const base = /^xdma:(\/.+)$/.exec(address ?? '')?.[1]
  if (address !== undefined && base === undefined) throw otherLink(board, 'PCIe', 'xdma:/dev/xdma0')
  return {
    address: address ?? null,
    open: async () => {
      if (base === undefined) throw unnamed(board)
      const { XdmaCarrier } = await import('../link/carriers/xdma-carrier.ts')
      return XdmaCarrier.open(base)
    },
    free: () => unused(base === undefined ? '/dev/xdma' : `${base}_`),
  }
}

/** GG_USAGE for a PCIe board that is to be asked. */
export function unnamed(board: string): GemgateError {
  return new GemgateError(
    'GG_USAGE',
    `${board} is a PCIe board: its device file must be named`,
    'Give --port xdma:/dev/xdma0.',
  )
}

function otherLink(board: string, link: string, example: string): GemgateError {
  return new GemgateError('GG_USAGE', `${board} is reached over ${link}`, `Give --port ${example}.`)
}

async function unused(prefix: string): Promise<void> {
  const users = await deviceUsers(prefix)
  if (users.length === 0) return
  const names = users.map((id) => (id === process.pid ? 'this process' : `process ${id}`))
  throw new GemgateError(
    'GG_BOARD_UNAVAILABLE',
    `${prefix}* is open in ${names.join(', ')}; the computer may hang when the board restarts under it`,
    'End what uses the board, and repeat.',
  )
}

async function findPort(profile: BoardProfile, load: () => Promise<PortLister>): Promise<string> {
  const { name, usb } = profile
  const candidates = boardPorts(await serialPorts(load), usb)
  const [port] = candidates
  const remedy = 'Plug the board in, or give --port serial:/dev/ttyUSB1.'
  if (port === undefined)
    throw new GemgateError('GG_BOARD_UNAVAILABLE', `no serial port of ${name} is there`, remedy)
  if (candidates.length > 1)
    throw new GemgateError(
      'GG_USAGE',
      `${candidates.length} serial ports could be that of ${name}: ${candidates.map(({ path }) => path).join(', ')}`,
      `Give one: --port serial:${port.path}.`,
    )
  return port.path
}

async function serialPorts(load: () => Promise<PortLister>): Promise<readonly Port[]> {
  const { SerialPort } = await load().catch((cause: unknown) => {
    throw new GemgateError(
      'GG_TOOL_MISSING',
      'the package serialport cannot be loaded, and without it no board answers',
      'Run npm install serialport@13; gemgate doctor says more.',
      { cause },
    )
  })
  return SerialPort.list().catch((cause: unknown) => {
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `the serial ports cannot be listed (${reason(cause)})`,
      'Name the port of the board: --port serial:/dev/ttyUSB1.',
      { cause },
    )
  })
}

function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.includes('udevadm') ? 'the program udevadm is not installed' : text
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
