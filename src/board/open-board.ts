import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import type { Classifier } from '../trigger/datapath.ts'
import type { Board } from './board.ts'

export interface OpenBoardOptions {
  /** The classifier of an emulated board; the simulated Verilog brings its own. */
  readonly classify: Classifier
}

const planned: Readonly<Record<string, string>> = {
  serial: 'Boards on a serial line',
  xdma: 'PCIe boards',
  replay: 'Recorded link traffic',
}

/**
 * Opens a board by address: `model:` (emulated FPGA, in this process) or `sim:` (the Verilog, simulated).
 * Throws GG_BOARD_ADDRESS for anything else, GG_BOARD_UNAVAILABLE for what this version cannot open.
 */
export async function openBoard(address: string, options: OpenBoardOptions): Promise<Board> {
  const colon = address.indexOf(':')
  const scheme = colon < 0 ? address : address.slice(0, colon)
  if (planned[scheme] !== undefined)
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `${planned[scheme]} cannot be opened by this version (${address})`,
      'Use model: or sim:; FEATURES.md says what is planned.',
    )
  if (colon < 0 || address.length > colon + 1 || (scheme !== 'model' && scheme !== 'sim'))
    throw new GemgateError(
      'GG_BOARD_ADDRESS',
      `${JSON.stringify(address)} is no board address`,
      'Use model: (emulated FPGA) or sim: (the Verilog, simulated).',
    )
  const { EmulatedBoard } = await import('../../sim/board/emulated-board.ts')
  if (scheme === 'model') {
    const { ModelCore } = await import('../../sim/board/model-core.ts')
    return new EmulatedBoard(new ModelCore(options.classify))
  }
  const { VerilogCore } = await import('../../sim/board/verilog-core.ts')
  return new EmulatedBoard(await VerilogCore.load(join(packageRoot, 'hdl')))
}
