import type { BoardProfile, UsbDevice } from '../board-profile.ts'
import type { Ice40Device } from './ice40-devices.ts'
import type { Ice40FrequencyRange } from './ice40-image.ts'

/** Ways to write a board's flash. `mpsse` is built in, the others are programs that may be installed. */
export type FlashTool = 'mpsse' | 'iceprog' | 'openfpgaloader' | 'dfu-util' | 'vivado'

/** How the image of a board looks: which format, and which device it must be for. */
export type ImageFormat =
  | {
      readonly kind: 'ice40'
      readonly device: Ice40Device
      /** The only accepted range: it stands outside of the CRC, and the flash must keep up with it. */
      readonly frequencyRange: Ice40FrequencyRange
    }
  | { readonly kind: 'lattice-bit'; readonly idcode: number }
  | { readonly kind: 'xilinx-bit'; readonly idcode: number }

/** What flashing must know of a board. */
export interface FlashTarget {
  readonly board: string
  /** As in the manifest. */
  readonly device: string
  readonly package: string
  readonly format: ImageFormat
  readonly flashBytes: number
  readonly usb: readonly UsbDevice[]
  /** In the order in which `auto` tries them. */
  readonly tools: readonly FlashTool[]
  /** Name of the board in openFPGALoader. */
  readonly openFpgaLoaderBoard?: string
  /** USB ids and alternate setting of the DFU boot loader. */
  readonly dfu?: { readonly id: string; readonly alternate: number }
  /** Vivado's names of the device and of the flash chip behind it. */
  readonly vivado?: { readonly device: string; readonly flash: string }
}

const ice40: Readonly<Record<string, Ice40Device>> = { up5k: '5k', hx8k: '8k', hx1k: '1k', lp384: '384' }

/** IDCODEs by the beginning of the device's name (Project Trellis; UG470, revision masked). */
const idcodes: readonly (readonly [string, number])[] = [
  ['85k', 0x41113043],
  ['45k', 0x41112043],
  ['25k', 0x41111043],
  ['xc7a200t', 0x03636093],
  ['xc7a100t', 0x03631093],
]

const extras: Readonly<Record<string, Partial<FlashTarget>>> = {
  'ulx3s-85f': {
    tools: ['openfpgaloader', 'dfu-util'],
    openFpgaLoaderBoard: 'ulx3s',
    dfu: { id: '1d50:614b', alternate: 0 },
  },
  acorn: {
    tools: ['openfpgaloader', 'vivado'],
    openFpgaLoaderBoard: 'acornCle215',
    vivado: { device: 'xc7a200t_0', flash: 's25fl256sxxxxxx0-spi-x1_x2_x4' },
  },
  litefury: {
    tools: ['vivado'],
    vivado: { device: 'xc7a100t_0', flash: 's25fl128sxxxxxx0-spi-x1_x2_x4' },
  },
}

/** What flashing must know of a board, from its profile; undefined for a device that it does not know. */
export function flashTarget(profile: BoardProfile): FlashTarget | undefined {
  const { name, device, usb } = profile
  const common = { board: name, device, package: profile.package, flashBytes: profile.flash.bytes, usb }
  const family = ice40[device]
  if (family !== undefined)
    return {
      ...common,
      format: { kind: 'ice40', device: family, frequencyRange: 'low' },
      tools: ['mpsse', 'iceprog', 'openfpgaloader'],
      openFpgaLoaderBoard: 'ice40_generic',
    }
  const idcode = idcodes.find(([prefix]) => device.startsWith(prefix))?.[1]
  if (idcode === undefined) return undefined
  const kind = profile.flow === 'ecp5' ? 'lattice-bit' : 'xilinx-bit'
  return { ...common, format: { kind, idcode }, tools: ['openfpgaloader'], ...extras[name] }
}
