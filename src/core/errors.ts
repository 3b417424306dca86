/**
 * The stable error codes. A code never changes its meaning; match on `error.code`, never on the text.
 * Each failure carries what happened (`message`) and what to do about it (`remedy`).
 */
export const errorCodes = {
  GG_USAGE: 'the command line or an option is wrong',
  GG_FILE_NOT_FOUND: 'a file or directory does not exist or cannot be opened',
  GG_FILE_FORMAT: 'a file is not of a format gemgate reads',
  GG_FILE_TRUNCATED: 'a file ends before the data that it announces',
  GG_FILE_CORRUPT: 'a file contradicts itself (header, checksum, structure)',
  GG_FILE_SHAPE: 'the data has the wrong number of dimensions, shape or sample type',
  GG_FILE_LIMIT: 'a file announces more data than gemgate accepts',
  GG_FRAME_GEOMETRY: 'a frame does not fit the configured geometry',
  GG_PEDESTAL: 'the pedestal cannot be made or does not fit the frames',
  GG_SETTINGS: 'a trigger setting is outside its range',
  GG_REGISTER: 'a register does not exist or refuses the value',
  GG_STREAM: 'a board stream does not exist or broke its protocol',
  GG_EVENT_FORMAT: 'an event packet is malformed',
  GG_BOARD_ADDRESS: 'a board address cannot be understood',
  GG_BOARD_UNAVAILABLE: 'a board exists but cannot be opened now',
  GG_DEVICE_UNAVAILABLE: 'a device needs something that is not installed or not present',
  GG_LINK_TIMEOUT: 'the other side of a link did not answer in time',
  GG_LINK_LOST: 'the device behind a link went away',
  GG_LINK_RESET: 'the device behind a link was restarted and has forgotten its session',
  GG_LINK_PROTOCOL: 'the other side of a link speaks another version or broke the protocol',
  GG_REPLAY: 'recorded link traffic does not go with what the host asks for',
  GG_BUILD: 'a bitstream cannot be built or does not meet its constraints',
  GG_IMAGE: 'a bitstream file is damaged, or is not for this board',
  GG_FLASH: 'programming a board failed; the message names the step',
  GG_TOOL_MISSING: 'an optional package or program is not installed',
  GG_CLOSED: 'the object was closed before or during the call',
  GG_MODEL_FORMAT: 'a network file is not valid ONNX',
  GG_MODEL_UNSUPPORTED: 'a network uses an operator or attribute that gemgate does not implement',
  GG_MODEL_INEXACT: 'a network has no exact integer form; the certificate is refused',
  GG_VERILOG_PARSE: 'Yosys could not read the Verilog',
  GG_VERILOG_UNSUPPORTED: 'the Verilog uses something that the simulator cannot run',
  GG_VERILOG_LOOP: 'the Verilog has a combinational loop',
  GG_ASSERTION: 'an assert or assume in the Verilog does not hold',
  GG_FINISHED: 'the design has ended the simulation with $finish',
  GG_UNSETTLED: 'a combinational loop or a latch does not come to rest',
  GG_SIM_TIMEOUT: 'something that a test bench waits for did not happen in time',
  GG_BUS: 'a bus in a simulation broke its protocol',
  GG_VERILATOR: 'Verilator or its compiler could not build the design',
  GG_PORT: 'a port does not exist or refuses the value',
  GG_CACHE: 'the build cache cannot be written',
  GG_OUTPUT: 'a result cannot be written',
  GG_RUN_FOLDER: 'a run folder is unusable',
  GG_SCORES: 'scores from a file belong to other frames, another seed or another network',
} as const

export type ErrorCode = keyof typeof errorCodes

export interface ErrorContext {
  /** Where it happened: a file, a byte offset, a line, a register, a node. */
  readonly file?: string
  readonly offset?: number
  readonly line?: number
  readonly cause?: unknown
}

const brand = Symbol.for('gemgate.error')

/** The one error class of gemgate; `instanceof` also holds across copies of the package. */
export class GemgateError extends Error {
  readonly code: ErrorCode
  readonly remedy: string
  readonly file: string | undefined
  readonly offset: number | undefined
  readonly line: number | undefined
  readonly [brand] = true

  constructor(code: ErrorCode, message: string, remedy: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause })
    this.name = 'GemgateError'
    this.code = code
    this.remedy = remedy
    this.file = context.file
    this.offset = context.offset
    this.line = context.line
  }

  override toString(): string {
    return describeError(this)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** One line for people: code, place, what happened, what to do. */
export function describeError(error: unknown): string {
  if (!(error instanceof GemgateError)) return error instanceof Error ? error.message : String(error)
  const place =
    error.file === undefined
      ? ''
      : `${error.file}${error.line === undefined ? '' : `:${error.line}`}${error.offset === undefined ? '' : ` at byte ${error.offset}`}: `
  return `${error.code}: ${place}${sentence(error.message)} ${sentence(error.remedy)}`
}
