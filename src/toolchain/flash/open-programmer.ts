import { GemgateError } from '../../core/errors.ts'
import { DfuUtil } from './dfu-util.ts'
import { chooseUsb, usbDevices } from './find-usb.ts'
import type { Programmer } from './flash-monitor.ts'
import type { FlashTarget, FlashTool } from './flash-target.ts'
import { Ice40Programmer } from './ice40-programmer.ts'
import { Iceprog } from './iceprog.ts'
import { openUsbTransport } from './node-usb-transport.ts'
import { OpenFpgaLoader } from './open-fpga-loader.ts'
import { Vivado } from './vivado.ts'

export interface OpenProgrammerOptions {
  /** Serial number of the USB bridge, where several are plugged in. */
  readonly usbSerial?: string | undefined
  readonly signal?: AbortSignal | undefined
}

const open: Readonly<
  Record<FlashTool, (target: FlashTarget, options: OpenProgrammerOptions) => Promise<Programmer>>
> = {
  mpsse: async (target, { usbSerial }) =>
    Ice40Programmer.open(await openUsbTransport(chooseUsb(await usbDevices(), target.usb, usbSerial))),
  iceprog: (_target, { usbSerial, signal }) => Iceprog.open(usbSerial, signal),
  openfpgaloader: (target, { usbSerial, signal }) => OpenFpgaLoader.open(target, usbSerial, signal),
  'dfu-util': (target, { usbSerial, signal }) => DfuUtil.open(target, usbSerial, signal),
  vivado: (target, { signal }) => Vivado.open(target, signal),
}

/**
 * Opens one way to the flash of a board, or with `auto` the first whose package or program is installed.
 * @throws GemgateError GG_USAGE for a tool that cannot do this board, GG_TOOL_MISSING, GG_BOARD_UNAVAILABLE, GG_FLASH
 */
export async function openProgrammer(
  tool: FlashTool | 'auto',
  target: FlashTarget,
  options: OpenProgrammerOptions = {},
): Promise<Programmer> {
  if (tool !== 'auto') {
    if (!target.tools.includes(tool))
      throw new GemgateError(
        'GG_USAGE',
        `${tool} does not program ${target.board}`,
        `Use --tool ${target.tools.join(' or ')}.`,
      )
    return open[tool](target, options)
  }
  for (const candidate of target.tools)
    try {
      return await open[candidate](target, options)
    } catch (error) {
      if (!(error instanceof GemgateError) || error.code !== 'GG_TOOL_MISSING') throw error
    }
  throw new GemgateError(
    'GG_TOOL_MISSING',
    `none of the tools for ${target.board} is installed: ${target.tools.join(', ')}`,
    target.tools.includes('mpsse')
      ? 'npm install usb@3.1.0 is enough.'
      : `Install one of them; gemgate doctor says which are there.`,
  )
}
