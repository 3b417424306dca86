import { linkProgram } from './program.ts'

/** hdl/link/link_program.sv: the memory of link_processor with its program and variables. */
export function linkProgramVerilog(): string {
  const words = linkProgram().finish()
  const lines = words.map(({ address, value, comment }) => `    words[${address}] = ${value};  // ${comment}`)
  return `// link_program: program and variables of the link endpoint, one memory of 512 words; see link_processor.sv.
//
// GENERATED from src/gateware/link-program by \`npm run generate\`. A read takes one clock; a word that is
// written in the same clock reads as anything.
\`default_nettype none
module link_program #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd0,
    parameter logic [15:0] REGISTERS = 16'd31,
    parameter logic [15:0] PAYLOAD = 16'd500,
    parameter logic [15:0] RX_SLOTS = 16'd3,
    parameter logic [15:0] TX_SLOTS = 16'd2
) (
    input  wire         clk,
    input  wire  [ 8:0] read_address,
    output logic [15:0] read_data,
    input  wire         write_enable,
    input  wire  [ 8:0] write_address,
    input  wire  [15:0] write_data
);
  (* no_rw_check *) logic [15:0] words[0:511];
  initial begin
${lines.join('\n')}
  end

  always_ff @(posedge clk) begin
    if (write_enable) words[write_address] <= write_data;
    read_data <= words[read_address];
  end
endmodule
\`default_nettype wire
`
}
