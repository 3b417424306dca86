// counter: counts clocks while `enable` is high.
`default_nettype none
module counter #(
    parameter int WIDTH = 8
) (
    input  wire              clk,
    input  wire              rst,     // synchronous
    input  wire              enable,
    output logic [WIDTH-1:0] count
);
  always_ff @(posedge clk)
    if (rst) count <= '0;
    else if (enable) count <= count + WIDTH'(1);
endmodule
`default_nettype wire
