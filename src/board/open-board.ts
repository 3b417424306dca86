import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GemgateError } from '../core/errors.ts'
import { packageRoot } from '../core/package-root.ts'
import type { Carrier } from '../link/carrier.ts'
import type { LinkOptions } from '../link/options.ts'
import type { Classifier } from '../trigger/datapath.ts'
import type { Board, BoardKind } from './board.ts'

export interface OpenBoardOptions {
  /** The classifier of an emulated board; the simulated Verilog and real boards bring their own. */
  readonly classify: Classifier
  /** File that the traffic of the link is recorded in; for boards behind a link. */
  readonly record?: string
  /** Times and limits of the link; the defaults suit each carrier. */
  readonly link?: LinkOptions
}

/** A carrier and what its board is; some carriers want other times. */
interface Opened {
  readonly carrier: Carrier
  readonly options?: LinkOptions
}

const carriers: Readonly<Record<string, (rest: string, address: string) => Promise<Opened>>> = {
  serial: async (_, address) => {
    const [{ parseSerialAddress }, { SerialCarrier }] = await Promise.all([
      import('../link/carriers/serial-address.ts'),
      import('../link/carriers/serial-carrier.ts'),
    ])
    const carrier = await SerialCarrier.open(parseSerialAddress(address))
    // A bridge that holds short packets back answers that much later.
    const minimumTimeout = Math.max(30, 2 * (carrier.latencyTimer ?? 0))
    return { carrier, options: { minimumTimeout } }
  },
  xdma: async (rest) => {
    const { XdmaCarrier } = await import('../link/carriers/xdma-carrier.ts')
    return { carrier: await XdmaCarrier.open(rest) }
  },
  'vfio-user': async (rest) => {
    const { VfioUserCarrier } = await import('../link/carriers/vfio-user-carrier.ts')
    return { carrier: await VfioUserCarrier.open(rest) }
  },
}

/** What `openBoard` understands. */
export const boardAddresses =
  'model: (emulated FPGA), sim: (the Verilog, simulated), serial:/dev/ttyUSB1?baud=3000000, xdma:/dev/xdma0, vfio-user:SOCKET or replay:FILE'

/**
 * Opens a board by address, see `boardAddresses` and docs/boards.md. What a kind of board needs is loaded on demand.
 * @throws GemgateError GG_BOARD_ADDRESS for anything else, GG_BOARD_UNAVAILABLE, GG_TOOL_MISSING, GG_LINK_*
 */
export async function openBoard(address: string, options: OpenBoardOptions): Promise<Board> {
  const colon = address.indexOf(':')
  const scheme = colon < 0 ? address : address.slice(0, colon)
  const rest = address.slice(colon + 1)
  const here = scheme === 'model' || scheme === 'sim'
  if (colon < 0 || (here ? rest !== '' : rest === ''))
    throw new GemgateError(
      'GG_BOARD_ADDRESS',
      `${JSON.stringify(address)} is no board address`,
      `Use ${boardAddresses}.`,
    )
  if (here) return openEmulated(scheme, options)
  if (options.record !== undefined && existsSync(options.record))
    throw new GemgateError('GG_OUTPUT', 'there is a file already', 'Give the recording another name.', {
      file: options.record,
    })
  if (scheme === 'replay') return openLink(address, 'replay', await openReplay(rest), options)
  const open = Object.hasOwn(carriers, scheme) ? carriers[scheme] : undefined
  if (open === undefined)
    throw new GemgateError(
      'GG_BOARD_ADDRESS',
      `${JSON.stringify(address)} is no board address`,
      `Use ${boardAddresses}.`,
    )
  return openLink(address, scheme as BoardKind, await open(rest, address), options)
}

async function openEmulated(kind: 'model' | 'sim', options: OpenBoardOptions): Promise<Board> {
  if (options.record !== undefined)
    throw new GemgateError(
      'GG_USAGE',
      `${kind}: has no link whose traffic could be recorded`,
      'Serve it: gemgate board serve model: --pty, and record serial:.',
    )
  const { EmulatedBoard } = await import('../../sim/board/emulated-board.ts')
  if (kind === 'model') {
    const { ModelCore } = await import('../../sim/board/model-core.ts')
    return new EmulatedBoard(new ModelCore(options.classify))
  }
  const { VerilogCore } = await import('../../sim/board/verilog-core.ts')
  return new EmulatedBoard(await VerilogCore.load(join(packageRoot, 'hdl')))
}

async function openLink(
  address: string,
  kind: BoardKind,
  { carrier, options: own = {} }: Opened,
  options: OpenBoardOptions,
): Promise<Board> {
  const { LinkBoard } = await import('./link-board.ts')
  const line = options.record === undefined ? carrier : await recorded(carrier, address, options.record)
  return LinkBoard.open(line, { address, kind }, { ...own, ...options.link })
}

async function recorded(carrier: Carrier, address: string, file: string): Promise<Carrier> {
  const { RecordingCarrier } = await import('../link/recording.ts')
  try {
    return new RecordingCarrier(carrier, file, { board: { address } })
  } catch (error) {
    await carrier[Symbol.asyncDispose]()
    throw error
  }
}

async function openReplay(file: string): Promise<Opened> {
  const { ReplayCarrier } = await import('../../sim/board/replay-carrier.ts')
  return { carrier: await ReplayCarrier.open(file) }
}
