import { GemgateError } from '../../core/errors.ts'
import type { UsbDevice as UsbId } from '../board-profile.ts'

export interface UsbInterface {
  readonly interfaceNumber: number
  readonly alternates: readonly {
    readonly endpoints: readonly {
      readonly endpointNumber: number
      readonly direction: 'in' | 'out'
      readonly type: string
      readonly packetSize: number
    }[]
  }[]
}

export interface UsbSetup {
  readonly requestType: 'vendor'
  readonly recipient: 'device'
  readonly request: number
  readonly value: number
  readonly index: number
}

/** What gemgate uses of the package `usb` 3.1 (WebUSB with Linux additions). */
export interface UsbHandle {
  readonly vendorId: number
  readonly productId: number
  readonly bus: string
  readonly address: number
  readonly serialNumber?: string | null | undefined
  readonly productName?: string | null | undefined
  readonly configuration?: { readonly interfaces: readonly UsbInterface[] } | undefined
  open(): Promise<void>
  close(): Promise<void>
  claimInterface(number: number): Promise<void>
  releaseInterface(number: number): Promise<void>
  detachKernelDriver(number: number): Promise<void>
  attachKernelDriver(number: number): Promise<void>
  controlTransferOut(setup: UsbSetup, data: Uint8Array, timeout: number): Promise<{ status: string }>
  transferIn(endpoint: number, length: number, timeout: number): Promise<{ data?: DataView | undefined }>
  transferOut(
    endpoint: number,
    data: Uint8Array,
    timeout: number,
  ): Promise<{ bytesWritten: number; status: string }>
}

/** The devices on USB. Throws GG_TOOL_MISSING when the package `usb` cannot be loaded. */
export async function usbDevices(): Promise<readonly UsbHandle[]> {
  const { usb } = await import('usb').catch((cause: unknown) => {
    throw new GemgateError(
      'GG_TOOL_MISSING',
      'the package usb, which the built-in programmer needs, cannot be loaded',
      'npm install usb@3.1.0, or use --tool iceprog.',
      { cause },
    )
  })
  return (await usb.getDevices().catch((cause: unknown) => {
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `this computer has no USB: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Run where the board is plugged in; a container needs /dev/bus/usb and /sys/bus/usb.',
      { cause },
    )
  })) as unknown as readonly UsbHandle[]
}

/**
 * The one bridge with one of these ids, and with this serial number when one is given.
 * @throws GemgateError GG_BOARD_UNAVAILABLE for none, GG_USAGE for several
 */
export function chooseUsb(
  devices: readonly UsbHandle[],
  ids: readonly UsbId[],
  serialNumber?: string,
): UsbHandle {
  const wanted = ids.map(({ vendor, product }) => `${hex(vendor)}:${hex(product)}`)
  const found = devices.filter(
    (device) =>
      wanted.includes(`${hex(device.vendorId)}:${hex(device.productId)}`) &&
      (serialNumber === undefined || device.serialNumber === serialNumber),
  )
  const suffix = serialNumber === undefined ? '' : ` with the serial number ${serialNumber}`
  if (found.length === 0)
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `there is no USB device ${wanted.join(' or ')}${suffix}`,
      'Plug the board in; lsusb lists what is there.',
    )
  if (found.length > 1)
    throw new GemgateError(
      'GG_USAGE',
      `there are ${found.length} USB devices ${wanted.join(' or ')}${suffix}`,
      `Unplug the others, or give --usb SERIAL (${found.map((device) => device.serialNumber ?? 'no serial number').join(', ')}).`,
    )
  return found[0]!
}

export function usbName({ vendorId, productId, bus, address }: UsbHandle): string {
  return `${hex(vendorId)}:${hex(productId)} at bus ${bus}, address ${address}`
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0')
}
