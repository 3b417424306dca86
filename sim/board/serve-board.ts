import { join } from 'node:path'
import { registerSchema } from '../../src/board/register-schema.ts'
import { registerDeclarations } from '../../src/board/registers.ts'
import { packageRoot } from '../../src/core/package-root.ts'
import { Random } from '../../src/core/random.ts'
import type { Carrier } from '../../src/link/carrier.ts'
import type { Classifier } from '../../src/trigger/datapath.ts'
import { attachDevice } from './attach-device.ts'
import { CoreTarget } from './core-target.ts'
import { Gateware } from './gateware.ts'
import { LinkEndpoint } from './link-endpoint.ts'
import { LossyCarrier } from './lossy-carrier.ts'
import { MacroModelCore, macroCapability } from './macro-model-core.ts'
import { MacroTarget } from './macro-target.ts'
import { ModelCore } from './model-core.ts'
import { Pty } from './pty.ts'
import { VfioUserServer } from './vfio-user-server.ts'

export interface ServingOptions {
  readonly classify: Classifier
  readonly logic: 'pixels' | 'macro-pixels'
  /** Path of a UNIX socket for a PCIe board; without it a pseudo-terminal is made. */
  readonly socket?: string
  /** A bad line: the probability of each kind of fault for a chunk. */
  readonly lossy?: { readonly rate: number; readonly seed: number }
}

export interface ServedBoard extends AsyncDisposable {
  /** Where hosts open it. */
  readonly address: string
  /** The serial port or the socket. */
  readonly path: string
  /** Resolves when the line is gone; rejects with an error of the logic. */
  readonly ended: Promise<void>
}

/**
 * An emulated board on a pseudo-terminal or a UNIX socket: `model:` is the twin of the link around the integer datapath,
 * `sim:` the Verilog of link and trigger in simulation. Throws GG_BOARD_UNAVAILABLE, GG_TOOL_MISSING, GG_VERILOG_*.
 */
export async function serve(kind: 'model:' | 'sim:', options: ServingOptions): Promise<ServedBoard> {
  const { logic, socket, lossy } = options
  const framing = socket === undefined ? 'bytes' : 'records'
  const device = kind === 'model:' ? modelDevice(options, framing) : await simulatedDevice(logic, framing)
  const line = socket === undefined ? await Pty.open() : await VfioUserServer.open(socket)
  const ended = attachDevice(device, lossy === undefined ? line : badLine(line, lossy))
  // Whoever serves may look at it later, or never.
  ended.catch(() => {})
  return {
    address: socket === undefined ? `serial:${line.path}?baud=3000000` : `vfio-user:${line.path}`,
    path: line.path,
    ended,
    async [Symbol.asyncDispose]() {
      if (device instanceof Gateware) device.close()
      await line[Symbol.asyncDispose]()
    },
  }
}

/** Its build id is 0: nothing was built. */
function modelDevice({ classify, logic }: ServingOptions, framing: Carrier['framing']): LinkEndpoint {
  const target =
    logic === 'pixels'
      ? new CoreTarget(new ModelCore(classify))
      : new MacroTarget(new MacroModelCore(classify))
  return new LinkEndpoint(target, {
    framing,
    registers: registerDeclarations.length,
    schema: registerSchema,
    ...(framing === 'bytes' ? {} : { maximumPayload: 4080, slots: 64, transmitSlots: 64 }),
  })
}

/** At the level of bytes: the bits of a UART cost time and show nothing more. */
function simulatedDevice(logic: ServingOptions['logic'], framing: Carrier['framing']): Promise<Gateware> {
  return Gateware.load(join(packageRoot, 'hdl'), {
    level: framing,
    core: logic === 'pixels' ? 'full' : 'macro',
    macroSide: macroCapability.macroSide,
  })
}

/** Everything that a line does to bytes while it stays plugged in. */
function badLine(line: Carrier, { rate, seed }: { rate: number; seed: number }): Carrier {
  const kinds = ['flip', 'dropBytes', 'dropChunk', 'double', 'garbage', 'truncate', 'delay'] as const
  return new LossyCarrier(line, {
    random: new Random(seed),
    rates: Object.fromEntries(kinds.map((kind) => [kind, rate / kinds.length])),
  })
}
