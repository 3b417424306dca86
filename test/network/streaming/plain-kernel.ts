import {
  elementCount,
  functionOf,
  type IntegerGraph,
  type ScalarFunction,
} from '../../../src/network/graph/index.ts'
import { hull, rangeBits } from '../../../src/network/graph/ranges.ts'
import type {
  GraphSegment,
  HardwareModule,
  StreamFormat,
} from '../../../src/network/hardware/hardware-module.ts'
import { portText } from '../../../src/network/streaming/pipeline-text.ts'

/**
 * A kernel written the plainest way, 64-bit products in one clock, as the counterpart of buildStreaming in
 * tests: what goes wrong is then not the kernel's.
 */
export function plainKernel(
  segment: GraphSegment,
  options: { readonly name: string; readonly input: StreamFormat },
): HardwareModule {
  const { graph } = segment
  const { name, input } = options
  const result = graph.values[segment.result]!
  const output = { beats: 1, lanes: elementCount(result.shape), ...rangeBits(hull(result.ranges)) }
  const lines: string[] = []
  for (let i = 0; i < input.lanes; i++) {
    const lane = `s_axis_tdata[${i * input.bits}+:${input.bits}]`
    lines.push(`  wire signed [63:0] v0_${i} = 64'($signed(${input.signed ? lane : `{1'b0, ${lane}}`}));`)
  }
  for (const id of segment.values) lines.push(...valueLines(graph, id))
  const packed = Array.from(
    { length: output.lanes },
    (_, i) => `v${result.id}_${output.lanes - 1 - i}[${output.bits - 1}:0]`,
  )
  const text = `module ${name} (
${portText(input, output)}
);
  reg valid;
  reg [${output.lanes * output.bits - 1}:0] data;
  assign s_axis_tready = ~valid | m_axis_tready;
  assign m_axis_tvalid = valid;
  assign m_axis_tdata = data;
${lines.join('\n')}
  always @(posedge clk)
    if (rst) valid <= 0;
    else if (s_axis_tready) begin
      valid <= s_axis_tvalid;
      if (s_axis_tvalid) data <= {${packed.join(', ')}};
    end
endmodule
`
  return {
    name,
    architecture: 'unrolled',
    files: new Map([[`${name}.sv`, text]]),
    library: [],
    input,
    output,
    latency: 1,
    interval: 1,
    resources: { luts: 0, ffs: 0, dsps: 0, brams: 0 },
  }
}

function valueLines(graph: IntegerGraph, id: number): string[] {
  const value = graph.values[id]!
  const operation = value.operation
  const wire = (i: number, expression: string): string => `  wire signed [63:0] v${id}_${i} = ${expression};`
  switch (operation.kind) {
    case 'dense': {
      const inputs = operation.weights.length / operation.bias.length
      return Array.from(operation.bias, (bias, j) => {
        const terms = Array.from(
          { length: inputs },
          (_, i) => [operation.weights[j * inputs + i]!, i] as const,
        )
          .filter(([weight]) => weight !== 0)
          .map(([weight, i]) => `v${operation.source}_${i} * ${literal(weight)}`)
        return wire(j, [literal(bias), ...terms].join(' + '))
      })
    }
    case 'rearrange':
      return Array.from(operation.indices!, (from, i) => wire(i, `v${operation.source}_${from}`))
    case 'concat': {
      const lanes = operation.sources.flatMap((source) =>
        Array.from({ length: elementCount(graph.values[source]!.shape) }, (_, i) => `v${source}_${i}`),
      )
      return lanes.map((lane, i) => wire(i, lane))
    }
    case 'map':
      return Array.from({ length: elementCount(value.shape) }, (_, i) =>
        wire(i, expression(functionOf(operation.functions, i), `v${operation.source}_${i}`)),
      )
    default:
      throw new Error(`no ${operation.kind} in a plain kernel`)
  }
}

function expression(f: ScalarFunction, x: string): string {
  if (f.kind === 'affine') return `${x} * ${literal(f.multiply)} + ${literal(f.add)}`
  if (f.kind === 'multiply-shift')
    return clamped(`((${x} * ${literal(f.multiply)} + ${literal(f.add)}) >>> ${f.shift})`, f.min, f.max)
  if (f.kind === 'round' && f.rounding === 'floor' && f.shift >= 0)
    return clamped(`(${x} >>> ${f.shift})`, f.min, f.max)
  if (f.kind === 'thresholds')
    return [...f.thresholds].reduceRight(
      (rest, threshold, k) => `(${x} < ${literal(threshold)} ? ${literal(f.outputs[k]!)} : ${rest})`,
      literal(f.outputs.at(-1)!),
    )
  throw new Error(`no ${f.kind} in a plain kernel`)
}

function clamped(y: string, min: number, max: number): string {
  return `(${y} < ${literal(min)} ? ${literal(min)} : ${y} > ${literal(max)} ? ${literal(max)} : ${y})`
}

function literal(value: number): string {
  return `${value < 0 ? '-' : ''}64'sd${Math.abs(value)}`
}
