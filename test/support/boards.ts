import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { CoreTarget } from '../../sim/board/core-target.ts'
import { DuplexCarrier } from '../../sim/board/duplex.ts'
import { Gateware } from '../../sim/board/gateware.ts'
import type { GatewareLevel } from '../../sim/board/gateware-top.ts'
import type { LinkDevice, LinkTarget } from '../../sim/board/link-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { MacroModelCore, macroCapability } from '../../sim/board/macro-model-core.ts'
import { MacroTarget } from '../../sim/board/macro-target.ts'
import { ModelCore } from '../../sim/board/model-core.ts'
import { Pty } from '../../sim/board/pty.ts'
import { VfioUserServer } from '../../sim/board/vfio-user-server.ts'
import { XdmaBoard } from '../../sim/board/xdma-board.ts'
import type { Board } from '../../src/board/board.ts'
import { LinkBoard } from '../../src/board/link-board.ts'
import { openBoard } from '../../src/board/open-board.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { registerDeclarations } from '../../src/board/registers.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import type { Carrier } from '../../src/link/carrier.ts'
import { XdmaCarrier } from '../../src/link/carriers/xdma-carrier.ts'
import type { LinkOptions } from '../../src/link/options.ts'
import { RecordingCarrier } from '../../src/link/recording.ts'
import type { Classifier } from '../../src/trigger/datapath.ts'

/** Build id of the emulated boards here. */
export const testBuild = 0x1122334455667788n
const testBuildLow = Number(testBuild & 0xffffffffn)

type Framing = Carrier['framing']

/** The twin of the link's gateware around emulated logic. */
export function twin(target: LinkTarget, framing: Framing): LinkEndpoint {
  return new LinkEndpoint(target, {
    framing,
    registers: registerDeclarations.length,
    maximumPayload: framing === 'bytes' ? 500 : 4000,
    slots: framing === 'bytes' ? 4 : 64,
    transmitSlots: framing === 'bytes' ? 4 : 64,
    schema: registerSchema,
    build: testBuild,
    clock: 12_000_000,
  })
}

export const pixelTwin = (classify: Classifier, framing: Framing): LinkEndpoint =>
  twin(new CoreTarget(new ModelCore(classify, testBuildLow)), framing)

export const macroTwin = (classify: Classifier): LinkEndpoint =>
  twin(new MacroTarget(new MacroModelCore(classify, macroCapability, testBuildLow)), 'bytes')

/** A board in this process. */
export function duplexBoard(device: LinkDevice, options: LinkOptions = {}): Promise<LinkBoard> {
  return LinkBoard.open(new DuplexCarrier(device), { address: 'duplex:', kind: 'serial' }, options)
}

/** The same, with its traffic in a file once it is closed. */
export function recordedBoard(device: LinkDevice, file: string): Promise<LinkBoard> {
  const carrier = new RecordingCarrier(new DuplexCarrier(device), file)
  return LinkBoard.open(carrier, { address: 'duplex:', kind: 'serial' })
}

/** A board that takes something else with it when it is closed. */
export async function disposing(board: Board, also: () => Promise<unknown>): Promise<Board> {
  const dispose = board[Symbol.asyncDispose].bind(board)
  board[Symbol.asyncDispose] = async () => {
    await dispose()
    await also()
  }
  return board
}

/** A device behind a real serial port: a pseudo-terminal, opened with serialport. */
export async function ptyBoard(
  device: LinkDevice,
  classify: Classifier,
  link: LinkOptions = {},
): Promise<Board> {
  const line = await Pty.open()
  void attachDevice(device, line)
  const board = await openBoard(`serial:${line.path}?baud=3000000`, { classify, link })
  return disposing(board, () => line[Symbol.asyncDispose]())
}

/** A device behind files that keep the rules of the XDMA driver. */
export async function xdmaBoard(device: LinkDevice): Promise<Board> {
  const files = new XdmaBoard({ build: testBuild, part: 1000 })
  void attachDevice(device, files)
  const carrier = await XdmaCarrier.open('/dev/xdma0', files)
  return LinkBoard.open(carrier, { address: 'xdma:/dev/xdma0', kind: 'xdma' })
}

/** A device behind the socket of an emulated PCIe board. */
export async function vfioBoard(device: LinkDevice, classify: Classifier): Promise<Board> {
  const folder = mkdtempSync(join(tmpdir(), 'gemgate-board-'))
  const server = await VfioUserServer.open(join(folder, 'socket'), { build: testBuild })
  void attachDevice(device, server)
  const board = await openBoard(`vfio-user:${server.path}`, { classify })
  return disposing(board, async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
}

/** The simulated Verilog of a small board. */
export function smallGateware(level: GatewareLevel, macroSide = 128): Promise<Gateware> {
  return Gateware.load(join(packageRoot, 'hdl'), { level, core: 'macro', macroSide, build: testBuild })
}

/** The simulated Verilog of a large board. */
export function fullGateware(level: GatewareLevel): Promise<Gateware> {
  return Gateware.load(join(packageRoot, 'hdl'), { level, core: 'full', build: testBuild })
}

/** Times for logic that runs slower than its clock says. */
export const slowLink: LinkOptions = { minimumTimeout: 300, keepAlive: 5000 }

export async function gatewareBoard(loading: Promise<Gateware>): Promise<Board> {
  const gateware = await loading
  return disposing(await duplexBoard(gateware, slowLink), async () => gateware.close())
}
