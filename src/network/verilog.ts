import { GemgateError } from '../core/errors.ts'
import { type DenseLayer, formatRange, type IntegerNetwork } from './integer-network.ts'

/** The parameters of `hdl/network/mlp.sv` for one network. */
export interface MlpParameters {
  readonly INPUTS: number
  readonly OUTPUTS: number
  readonly LAYERS: number
  readonly INPUT_BITS: number
  readonly INPUT_SIGNED: number
  readonly OUTPUT_BITS: number
  readonly VALUE_BITS: number
  readonly RESULT_BITS: number
  readonly ACC_BITS: number
  readonly LEFT: number
  readonly SHIFT_BITS: number
  readonly INDEX_BITS: number
  readonly LAYER_BITS: number
  readonly NEURON_BITS: number
  readonly ADDRESS_BITS: number
}

/** Widths that hold every number of the network, from its layer sizes, clamps and certificate. */
export function mlpParameters(network: IntegerNetwork): MlpParameters {
  const { layers } = network
  const hidden = layers.slice(0, -1)
  const limits = (layer: DenseLayer): number[] => [layer.min, layer.max]
  const valueBits = signedBits([...formatRange(network.input), ...hidden.flatMap(limits)])
  const resultBits = Math.max(valueBits, signedBits(formatRange(network.output)))
  const left = layers.reduce((most, layer) => Math.max(most, -layer.shift), 0)
  const deepest = layers.reduce((most, layer) => Math.max(most, layer.shift + left), 0)
  const bounds = network.certificate.layers.map((layer) => layer.accumulatorBits)
  // A product stands alone on its way to the sum; the shift must stay inside the sum's width.
  const accBits = Math.max(resultBits, valueBits + 8, deepest + 1, ...bounds)
  return {
    INPUTS: network.inputs,
    OUTPUTS: network.outputs,
    LAYERS: layers.length,
    INPUT_BITS: network.input.bits,
    INPUT_SIGNED: network.input.signed ? 1 : 0,
    OUTPUT_BITS: network.output.bits,
    VALUE_BITS: valueBits,
    RESULT_BITS: resultBits,
    ACC_BITS: accBits,
    LEFT: left,
    SHIFT_BITS: countBits(deepest + 1),
    INDEX_BITS: countBits(Math.max(network.inputs, ...layers.map((layer) => layer.outputs))),
    LAYER_BITS: countBits(layers.length),
    NEURON_BITS: countBits(layers.reduce((sum, layer) => sum + layer.outputs, 0)),
    ADDRESS_BITS: countBits(layers.reduce((sum, layer) => sum + layer.weights.length, 0)),
  }
}

/** Clocks from the input handshake to the scores, as in the header of `mlp.sv`. */
export function mlpLatency(network: IntegerNetwork): number {
  return network.layers.reduce((sum, layer) => sum + layer.weights.length + 6, network.inputs + 1)
}

/**
 * The ROM of a network as SystemVerilog: weights, biases, shifts, clamps and layer sizes.
 * @param module its module name; the file must be called `${module}.sv`
 * @throws GemgateError GG_MODEL_UNSUPPORTED when the network has more than 65536 weights
 */
export function emitWeights(network: IntegerNetwork, module = 'recoil_weights'): string {
  const p = mlpParameters(network)
  const { layers } = network
  const weights = layers.flatMap((layer) => Array.from(layer.weights))
  if (weights.length > 65536)
    throw new GemgateError(
      'GG_MODEL_UNSUPPORTED',
      `the network has ${weights.length} weights`,
      'The sequential engine is for networks of up to 65536 weights; use a smaller one.',
    )
  const biases = layers.flatMap((layer) => Array.from(layer.bias))
  const sumBits = p.ACC_BITS + p.LEFT + 1
  const shifts = layers.map((layer) => layer.shift + p.LEFT)
  const perLayer: [string, number, number[], boolean][] = [
    ['last_input', p.INDEX_BITS, layers.map((layer) => layer.inputs - 1), false],
    ['last_output', p.INDEX_BITS, layers.map((layer) => layer.outputs - 1), false],
    ['shift', p.SHIFT_BITS, shifts, false],
    ['half', sumBits, shifts.map((shift) => (shift > 0 ? 2 ** (shift - 1) - 1 : 0)), false],
    ['low', p.RESULT_BITS, layers.map((layer) => layer.min), true],
    ['high', p.RESULT_BITS, layers.map((layer) => layer.max), true],
  ]
  const port = (name: string, bits: number, signed: boolean): string =>
    `    output logic ${signed ? 'signed ' : ''}[${bits - 1}:0] ${name}`
  return `${banner(module, network, 'Answers one clock after the address, while enabled. Twin of the layers in the ONNX file.')}
\`default_nettype none
module ${module} (
    input  wire  clk,
    input  wire  enable,
    input  wire  [${p.ADDRESS_BITS - 1}:0] address,
    input  wire  [${p.NEURON_BITS - 1}:0] neuron,
    input  wire  [${p.LAYER_BITS - 1}:0] layer,
${[
  port('weight', 8, true),
  port('bias', p.ACC_BITS, true),
  ...perLayer.map(([name, bits, , signed]) => port(name, bits, signed)),
].join(',\n')}
);
${rom('address', p.ADDRESS_BITS, 'weight', 8, weights, true)}
${rom('neuron', p.NEURON_BITS, 'bias', p.ACC_BITS, biases, true)}
${perLayer.map(([name, bits, values, signed]) => rom('layer', p.LAYER_BITS, name, bits, values, signed)).join('\n')}
endmodule
\`default_nettype wire
`
}

/** The classifier as one module: the engine `mlp` with the ROM of `emitWeights`. */
export function emitClassifier(
  network: IntegerNetwork,
  module = 'recoil_mlp',
  weights = 'recoil_weights',
): string {
  const p = mlpParameters(network)
  const parameters = Object.entries(p).map(([name, value]) => `      .${name}(${value})`)
  const wires: [string, string, string][] = [
    ['enable', 'rom_enable', ''],
    ['address', 'rom_address', `[${p.ADDRESS_BITS - 1}:0]`],
    ['neuron', 'rom_neuron', `[${p.NEURON_BITS - 1}:0]`],
    ['layer', 'rom_layer', `[${p.LAYER_BITS - 1}:0]`],
    ['weight', 'rom_weight', 'signed [7:0]'],
    ['bias', 'rom_bias', `signed [${p.ACC_BITS - 1}:0]`],
    ['last_input', 'rom_last_input', `[${p.INDEX_BITS - 1}:0]`],
    ['last_output', 'rom_last_output', `[${p.INDEX_BITS - 1}:0]`],
    ['shift', 'rom_shift', `[${p.SHIFT_BITS - 1}:0]`],
    ['half', 'rom_half', `[${p.ACC_BITS + p.LEFT}:0]`],
    ['low', 'rom_low', `signed [${p.RESULT_BITS - 1}:0]`],
    ['high', 'rom_high', `signed [${p.RESULT_BITS - 1}:0]`],
  ]
  const streams = 's_axis_tdata s_axis_tvalid s_axis_tready m_axis_tdata m_axis_tvalid m_axis_tready'.split(
    ' ',
  )
  const join = (lines: readonly string[]): string => lines.join(',\n')
  return `${banner(module, network, `${mlpLatency(network)} clocks from vector to scores, one vector at a time.`)}
\`default_nettype none
module ${module} (
    input  wire  clk,
    input  wire  rst,
    input  wire  [${p.INPUTS * p.INPUT_BITS - 1}:0] s_axis_tdata,   // ${elements(p.INPUTS, network.input)}
    input  wire  s_axis_tvalid,
    output logic s_axis_tready,
    output logic [${p.OUTPUTS * p.OUTPUT_BITS - 1}:0] m_axis_tdata,   // ${elements(p.OUTPUTS, network.output)}
    output logic m_axis_tvalid,
    input  wire  m_axis_tready
);
${wires.map(([, wire, type]) => `  wire ${type}${type === '' ? '' : ' '}${wire};`).join('\n')}
  mlp #(
${join(parameters)}
  ) mlp_i (
      .clk(clk),
      .rst(rst),
${join([...streams, ...wires.map(([, wire]) => wire)].map((name) => `      .${name}(${name})`))}
  );
  ${weights} weights_i (
      .clk(clk),
${join(wires.map(([name, wire]) => `      .${name}(${wire})`))}
  );
endmodule
\`default_nettype wire
`
}

function banner(module: string, network: IntegerNetwork, text: string): string {
  const sizes = [network.inputs, ...network.layers.map((layer) => layer.outputs)].join(' -> ')
  return `// ${module}: network '${network.name.replace(/[^\x20-\x7e]/g, '?')}', ${sizes}.
// ${text}
// Generated by gemgate from the ONNX file; do not edit.`
}

function elements(count: number, format: { readonly bits: number; readonly signed: boolean }): string {
  return `${count} x ${format.signed ? 'int' : 'uint'}${format.bits}, element 0 in the lowest bits`
}

/** A registered table; addresses beyond it read 0. */
function rom(
  address: string,
  addressBits: number,
  name: string,
  bits: number,
  values: readonly number[],
  signed: boolean,
): string {
  const literal = (value: number): string =>
    `${value < 0 ? '-' : ''}${bits}'${signed ? 's' : ''}d${Math.abs(value)}`
  const lines = values.map((value, at) => `      ${addressBits}'d${at}: ${name} <= ${literal(value)};`)
  return `  always_ff @(posedge clk)
    if (enable)
    case (${address})
${lines.join('\n')}
      default: ${name} <= '0;
    endcase`
}

/** Bits that number `count` things; at least one. */
function countBits(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count)))
}

/** Two's complement bits that hold every value. */
function signedBits(values: readonly number[]): number {
  return values.reduce((most, v) => Math.max(most, Math.ceil(Math.log2(v < 0 ? -v : v + 1)) + 1), 1)
}
