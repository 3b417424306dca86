import { GemgateError } from '../../core/errors.ts'
import { type UsbHandle, usbName } from './find-usb.ts'
import type { UsbTransport } from './usb-transport.ts'

/** Milliseconds for a transfer that the device has to take at once. */
const transferTime = 5000

/** Bytes of one bulk-out transfer. */
const outBytes = 65536

/** Port A of an FTDI bridge is interface 0; requests name it by 1. */
const portA = { interface: 0, index: 1 } as const

/** The udev rule that lets the users of the group plugdev open FTDI bridges. */
const udevRule =
  'SUBSYSTEM=="usb", ATTR{idVendor}=="0403", ATTR{idProduct}=="6010|6014|6011", MODE="0660", GROUP="plugdev", TAG+="uaccess"'

/**
 * Opens port A of a bridge; the kernel's serial driver lets go of it and gets it back at the end. Port B with its
 * /dev/ttyUSB stays untouched.
 * @throws GemgateError GG_BOARD_UNAVAILABLE: no permission (with the udev rule), in use, or no such interface
 */
export async function openUsbTransport(device: UsbHandle): Promise<UsbTransport> {
  const name = usbName(device)
  let open = false
  let claimed = false
  let detached = false
  const close = async (): Promise<void> => {
    if (claimed) await device.releaseInterface(portA.interface).catch(ignore)
    if (detached) await device.attachKernelDriver(portA.interface).catch(ignore)
    if (open) await device.close().catch(ignore)
    claimed = detached = open = false
  }
  try {
    await device.open()
    open = true
    detached = await device.detachKernelDriver(portA.interface).then(
      () => true,
      // No driver had it, or this system has no such call: the claim decides.
      () => false,
    )
    await device.claimInterface(portA.interface)
    claimed = true
    return new NodeUsbTransport(name, device, endpoints(device), close)
  } catch (error) {
    await close()
    throw openFailure(name, error)
  }
}

interface Endpoints {
  readonly in: number
  readonly out: number
  readonly packetSize: number
}

function endpoints(device: UsbHandle): Endpoints {
  const port = device.configuration?.interfaces.find((one) => one.interfaceNumber === portA.interface)
  const list = port?.alternates[0]?.endpoints ?? []
  const input = list.find((one) => one.direction === 'in' && one.type === 'bulk')
  const output = list.find((one) => one.direction === 'out' && one.type === 'bulk')
  if (input === undefined || output === undefined)
    throw new Error('interface 0 has no pair of bulk endpoints')
  return { in: input.endpointNumber, out: output.endpointNumber, packetSize: input.packetSize }
}

class NodeUsbTransport implements UsbTransport {
  readonly name: string
  readonly packetSize: number
  readonly #device: UsbHandle
  readonly #endpoints: Endpoints
  readonly #close: () => Promise<void>

  constructor(name: string, device: UsbHandle, endpoints: Endpoints, close: () => Promise<void>) {
    this.name = name
    this.packetSize = endpoints.packetSize
    this.#device = device
    this.#endpoints = endpoints
    this.#close = close
  }

  async control(request: number, value: number): Promise<void> {
    const setup = { requestType: 'vendor', recipient: 'device', request, value, index: portA.index } as const
    const { status } = await this.#device
      .controlTransferOut(setup, new Uint8Array(0), transferTime)
      .catch((error: unknown) => this.#fail(error))
    if (status !== 'ok') this.#fail(new Error(`request ${request} was refused`))
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.slice(at, at + outBytes)
      const { bytesWritten, status } = await this.#device
        .transferOut(this.#endpoints.out, part, transferTime)
        .catch((error: unknown) => this.#fail(error))
      if (status !== 'ok' || bytesWritten <= 0) this.#fail(new Error('a transfer was refused'))
      at += bytesWritten
    }
  }

  async read(length: number, milliseconds: number): Promise<Uint8Array> {
    const { data } = await this.#device
      .transferIn(this.#endpoints.in, length, milliseconds)
      .catch((error: unknown) => (isTimeout(error) ? { data: undefined } : this.#fail(error)))
    return data === undefined
      ? new Uint8Array(0)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }

  #fail(error: unknown): never {
    if (isTimeout(error))
      throw new GemgateError(
        'GG_LINK_TIMEOUT',
        `the programmer ${this.name} does not take a transfer`,
        'Unplug the board, plug it in again, and repeat.',
        { cause: error },
      )
    throw new GemgateError(
      'GG_LINK_LOST',
      `the programmer ${this.name} went away: ${text(error)}`,
      'Check the cable, plug the board in again, and repeat.',
      { cause: error },
    )
  }
}

function openFailure(name: string, error: unknown): GemgateError {
  if (/errno 13|permission|access|EACCES/i.test(text(error)))
    return new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `no permission to open ${name}`,
      `Put this line into /etc/udev/rules.d/70-gemgate.rules, run udevadm control --reload, and plug the board in again: ${udevRule}`,
      { cause: error },
    )
  if (/errno 16|busy|claimed/i.test(text(error)))
    return new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `${name} is in use by another program`,
      'End the other program (iceprog, openocd, a terminal on the first port of the board) and repeat.',
      { cause: error },
    )
  return new GemgateError(
    'GG_BOARD_UNAVAILABLE',
    `${name} cannot be opened: ${text(error)}`,
    'Plug the board in again and repeat; on Windows the port needs the WinUSB driver.',
    { cause: error },
  )
}

function isTimeout(error: unknown): boolean {
  return /time(d)? ?out|cancel/i.test(text(error))
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function ignore(): void {}
