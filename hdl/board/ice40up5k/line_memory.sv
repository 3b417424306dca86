// line_memory for the iCE40UP5K: 2 ** 14 words of 16 bits in one SB_SPRAM256KA, of which DEPTH are used.
//
// As hdl/macro/line_memory.sv, but read_data is unknown after a write. The words are not initialised.
`default_nettype none
module line_memory #(
    parameter int DEPTH = 256
) (
    input  wire                     clk,
    input  wire [$clog2(DEPTH)-1:0] address,
    input  wire                     write_enable,
    input  wire [             15:0] write_data,
    output wire [             15:0] read_data
);
  SB_SPRAM256KA memory_i (
      .ADDRESS(14'(address)),
      .DATAIN(write_data),
      .MASKWREN(4'b1111),
      .WREN(write_enable),
      .CHIPSELECT(1'b1),
      .CLOCK(clk),
      .STANDBY(1'b0),
      .SLEEP(1'b0),
      .POWEROFF(1'b1),
      .DATAOUT(read_data)
  );
endmodule
`default_nettype wire
