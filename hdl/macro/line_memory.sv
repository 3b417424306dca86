// line_memory: a memory of DEPTH words of 16 bits with one port.
//
// read_data shows the word at `address` one clock later; a write leaves it as it is. The words are not initialised.
// Boards with large single-port memories have their own module of this name and these ports.
`default_nettype none
module line_memory #(
    parameter int DEPTH = 256
) (
    input  wire                      clk,
    input  wire  [$clog2(DEPTH)-1:0] address,
    input  wire                      write_enable,
    input  wire               [15:0] write_data,
    output logic              [15:0] read_data
);
  logic [15:0] words[0:DEPTH-1];
  always_ff @(posedge clk)
    if (write_enable) words[address] <= write_data;
    else read_data <= words[address];
endmodule
`default_nettype wire
