/** How the host meets the simulated gateware: escaped bytes, the pins of a UART, or records as DMA moves them. */
export type GatewareLevel = 'bytes' | 'uart' | 'records'

/** What lies behind the link: the trigger for macro-pixels, or the one for raw pixels. */
export type GatewareCore = 'macro' | 'full'

export interface GatewareParameters {
  readonly level: GatewareLevel
  readonly core: GatewareCore
  readonly build: bigint
  readonly schema: number
  /** Clocks per bit of the UART. */
  readonly divisor: number
  /** Parameters of macro_core. */
  readonly macroSide: number
  readonly labelBits: number
  readonly gainBits: number
}

/** Name of the generated top module. */
export const gatewareTop = 'gateware'

/** Ports of the top at each level: all outputs are registers, so that a clock needs no settling. */
const ends: Readonly<Record<GatewareLevel, { ports: string; body: string; connections: string }>> = {
  bytes: {
    ports: `
    input  wire        in_valid,  // taken when in_full is low
    input  wire  [7:0] in_data,
    output logic       in_full,
    output logic       out_valid,
    output logic [7:0] out_data`,
    body: `
  logic [7:0] held;
  wire in_ready, given;
  wire [7:0] gift;
  always_ff @(posedge clk) begin
    if (rst) in_full <= 1'b0;
    else if (in_full) in_full <= ~in_ready;
    else in_full <= in_valid;
    if (!in_full) held <= in_data;
    out_valid <= given & ~rst;
    out_data <= gift;
  end`,
    connections: `
      .s_valid(in_full), .s_ready(in_ready), .s_data(held),
      .m_valid(given), .m_ready(1'b1), .m_data(gift),`,
  },
  uart: {
    ports: `
    input  wire        rx,
    output logic       tx`,
    body: `
  wire line;
  always_ff @(posedge clk) tx <= line | rst;`,
    connections: `
      .rx(rx), .tx(line),`,
  },
  records: {
    ports: `
    input  wire        in_valid,  // taken when in_full is low
    input  wire [63:0] in_data,
    output logic       in_full,
    output logic       out_valid,
    output logic [63:0] out_data,
    output logic       out_last`,
    body: `
  logic [63:0] held;
  wire in_ready, given, given_last;
  wire [63:0] gift;
  always_ff @(posedge clk) begin
    if (rst) in_full <= 1'b0;
    else if (in_full) in_full <= ~in_ready;
    else in_full <= in_valid;
    if (!in_full) held <= in_data;
    out_valid <= given & ~rst;
    out_data <= gift;
    out_last <= given_last;
  end`,
    connections: `
      .s_axis_h2c_tvalid(in_full), .s_axis_h2c_tready(in_ready), .s_axis_h2c_tdata(held),
      .m_axis_c2h_tvalid(given), .m_axis_c2h_tready(1'b1), .m_axis_c2h_tdata(gift),
      .m_axis_c2h_tkeep(), .m_axis_c2h_tlast(given_last),`,
  },
}

/** SystemVerilog of a top that joins link and trigger as the tops of the boards do, for simulation. */
export function gatewareVerilog(parameters: GatewareParameters): string {
  const { level, core, build, schema, divisor } = parameters
  if (level === 'uart' && core === 'macro') return smallBoard(parameters)
  const { ports, body, connections } = ends[level]
  const own = level === 'uart' ? `, .DIVISOR(${divisor})` : ''
  return `\`default_nettype none
module ${gatewareTop} (
    input  wire        clk,
    input  wire        rst,${ports}
);
  wire reg_valid, reg_write, reg_ready, session;
  wire [15:0] reg_address;
  wire [31:0] reg_write_data, reg_read_data;
  wire pixel_valid, pixel_ready, event_valid, event_ready, event_last;
  wire [7:0] pixel_data, event_data;
${body}

  link_${level} #(.BUILD(64'h${hex(build, 16)}), .SCHEMA(32'h${hex(BigInt(schema), 8)})${own}) link_i (
      .clk(clk), .rst(rst),${connections}
      .reg_valid(reg_valid), .reg_write(reg_write), .reg_address(reg_address),
      .reg_write_data(reg_write_data), .reg_ready(reg_ready), .reg_read_data(reg_read_data),
      .m_axis_tvalid(pixel_valid), .m_axis_tready(pixel_ready), .m_axis_tdata(pixel_data),
      .s_axis_tvalid(event_valid), .s_axis_tready(event_ready), .s_axis_tdata(event_data),
      .s_axis_tlast(event_last), .session(session)
  );

${trigger(parameters)}endmodule
\`default_nettype wire
`
}

function hex(value: bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** What the tops of the small boards wrap, as it is, with its own reset. */
function smallBoard(parameters: GatewareParameters): string {
  const { build, schema, divisor, macroSide, labelBits, gainBits } = parameters
  return `\`default_nettype none
module ${gatewareTop} (
    input  wire  clk,
    input  wire  rst,
    input  wire  rx,
    output logic tx
);
  wire line, unused_heartbeat, unused_linked;
  wire unused_rst = rst;
  always_ff @(posedge clk) tx <= line;
  macro_board #(
      .BUILD(64'h${hex(build, 16)}), .SCHEMA(32'h${hex(BigInt(schema), 8)}), .DIVISOR(${divisor}),
      .MACRO_SIDE(${macroSide}), .LABEL_BITS(${labelBits}), .GAIN_BITS(${gainBits})
  ) macro_board_i (
      .clk(clk), .rx(rx), .tx(line), .heartbeat(unused_heartbeat), .linked(unused_linked)
  );
endmodule
\`default_nettype wire
`
}

/** The ports that macro_core and core_bytes share. */
const triggerPorts = `
      .clk(clk), .rst(rst), .session(session),
      .reg_valid(reg_valid), .reg_write(reg_write), .reg_address(reg_address),
      .reg_write_data(reg_write_data), .reg_ready(reg_ready), .reg_read_data(reg_read_data),
      .s_axis_tvalid(pixel_valid), .s_axis_tready(pixel_ready), .s_axis_tdata(pixel_data),
      .m_axis_tvalid(event_valid), .m_axis_tready(event_ready), .m_axis_tdata(event_data),
      .m_axis_tlast(event_last)`

function trigger({ core, build, macroSide, labelBits, gainBits }: GatewareParameters): string {
  const id = `.BUILD(32'h${hex(build & 0xffffffffn, 8)})`
  if (core === 'macro')
    return `
  macro_core #(
      ${id}, .MACRO_SIDE(${macroSide}), .LABEL_BITS(${labelBits}), .GAIN_BITS(${gainBits})
  ) core_i (${triggerPorts}
  );
`
  return `
  wire core_write, core_read, core_s_tvalid, core_s_tready, core_m_tvalid, core_m_tready, core_m_tlast;
  wire [4:0] core_address;
  wire [31:0] core_write_data, core_read_data, core_m_tdata;
  wire [47:0] core_s_tdata;
  core_bytes bytes_i (${triggerPorts},
      .core_write(core_write), .core_read(core_read), .core_address(core_address),
      .core_write_data(core_write_data), .core_read_data(core_read_data),
      .core_s_tvalid(core_s_tvalid), .core_s_tready(core_s_tready), .core_s_tdata(core_s_tdata),
      .core_m_tvalid(core_m_tvalid), .core_m_tready(core_m_tready), .core_m_tdata(core_m_tdata),
      .core_m_tlast(core_m_tlast)
  );
  gemgate_core #(${id}) core_i (
      .clk(clk), .rst(rst),
      .reg_write(core_write), .reg_read(core_read), .reg_address(core_address),
      .reg_write_data(core_write_data), .reg_read_data(core_read_data),
      .s_axis_tvalid(core_s_tvalid), .s_axis_tready(core_s_tready), .s_axis_tdata(core_s_tdata),
      .m_axis_tvalid(core_m_tvalid), .m_axis_tready(core_m_tready), .m_axis_tdata(core_m_tdata),
      .m_axis_tlast(core_m_tlast)
  );
`
}
