import { hdlText } from './hdl-files.ts'

interface HeaderPort {
  readonly name: string
  readonly direction: 'input' | 'output'
}

/** A stream of a module: ports of one prefix, among them valid and ready. */
export interface HeaderStream {
  readonly prefix: string
  readonly valid: string
  readonly ready: string
  readonly payload: readonly string[]
  /** The module is its source. */
  readonly source: boolean
}

/** The text between `module name` and the end of the header, and what it declares. */
function header(module: string): { text: string; ports: readonly HeaderPort[]; parameters: string[] } {
  const plain = hdlText(module).replace(/\s*\/\/.*$/gm, '')
  const text = new RegExp(`^module ${module}\\b(.*?\\n\\);|.*?\\);)`, 'ms').exec(plain)![1]!
  const ports = [...text.matchAll(/^\s*(input|output)\s.*?(\w+),?$/gm)].map(([, direction, name]) => ({
    direction: direction as HeaderPort['direction'],
    name: name!,
  }))
  const parameters = [...text.matchAll(/^\s*parameter\s.*?(\w+)\s*=/gm)].map(([, name]) => name!)
  return { text, ports, parameters }
}

/** Every stream with a handshake of a module, by the names of its ports. */
export function streamsOf(module: string): HeaderStream[] {
  const { ports } = header(module)
  const directions = new Map(ports.map(({ name, direction }) => [name, direction]))
  const handshakes = ports.flatMap(({ name, direction }) => {
    const [, prefix, t] = /^(.*_)(t?)valid$/.exec(name) ?? []
    const ready = `${prefix}${t}ready`
    if (prefix === undefined || !directions.has(ready) || directions.get(ready) === direction) return []
    return [{ prefix, valid: name, ready, source: direction === 'output' }]
  })
  const owner = (name: string) =>
    handshakes
      .filter(({ prefix }) => name.startsWith(prefix))
      .sort((one, other) => other.prefix.length - one.prefix.length)[0]
  return handshakes.map((stream) => {
    const mine = ports.filter(({ name }) => owner(name) === stream && name !== stream.valid)
    const payload = mine.filter(({ direction }) => direction === directions.get(stream.valid))
    return { ...stream, payload: payload.map(({ name }) => name) }
  })
}

export interface HarnessOptions {
  /** Prefixes of the streams to be proven, if not all. */
  readonly streams?: readonly string[]
  /** When streams of the module may take back what they offer, besides rst: an expression of its signals. */
  readonly drop?: string
  /** Signals inside the module by name below `dut`, with their widths, for the other texts. */
  readonly signals?: Readonly<Record<string, number>>
  /** Payload of streams where it is not all their ports: by prefix. */
  readonly payload?: Readonly<Record<string, string>>
  /** More inputs, each of one bit. */
  readonly inputs?: readonly string[]
  /** More of the body: assumptions about other inputs, and invariants. `first` is high in the first cycle, with rst. */
  readonly body?: string
}

/** A module around another one: the rules as asserts on the streams that leave it, as assumes on those that enter. */
export function streamHarness(module: string, options: HarnessOptions = {}): string {
  const { streams, inputs = [], drop = "1'b0", signals = {}, payload: payloads = {}, body = '' } = options
  const { text, parameters, ports } = header(module)
  const chosen = streamsOf(module).filter(
    ({ prefix, source }) => !source || (streams?.includes(prefix) ?? true),
  )
  const rules = chosen.map(({ prefix, valid, ready, payload, source }) => {
    const bits = `{${["1'b0", ...payload].join(', ')}}`
    const width = ['1', ...payload.map((name) => `$bits(${name})`)].join(' + ')
    return `  stream_rules #(.WIDTH(${width}), .ASSUMED(1'b${source ? 0 : 1})) ${prefix}rules (
      .clk(clk), .rst(rst), .drop(${inside(drop)}), .valid(${valid}), .ready(${ready}),
      .payload(${inside(payloads[prefix] ?? bits)}));`
  })
  const passed = parameters.map((name) => `.${name}(${name})`).join(', ')
  const connected = ports.map(({ name }) => `.${name}(${name})`).join(', ')
  const declared = Object.entries(signals).map(
    ([name, width]) => `  (* hierconn *) wire [${width - 1}:0] \\dut.${name} ;`,
  )
  const ends = inputs.map((name) => `,\n    input wire ${name}`).join('')
  const hasReset = ports.some(({ name }) => name === 'rst')
  return `module proof_${module}${text.replace(/^(\s*output\s+)logic\b/gm, '$1wire').replace(/\n\);$/, `${ends}\n);`)}
${hasReset ? '' : '  wire rst = start;'}
  ${module} ${parameters.length > 0 ? `#(${passed})` : ''} dut (${connected});
${declared.join('\n')}
  logic first = 1'b1;
  always_ff @(posedge clk) first <= 1'b0;
  always_comb if (first) reset_comes_first : assume (rst);
${rules.join('\n')}
${inside(body)}
endmodule
`
}

/** `dut.name`, of a signal in the module, as Yosys takes it: an escaped name that flattening connects. */
function inside(text: string): string {
  return text.replace(/\bdut\.([\w.]+)/g, '\\dut.$1 ')
}
