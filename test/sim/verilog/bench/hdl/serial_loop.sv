// serial_loop: gives a serial line back, some clocks later.
`default_nettype none
module serial_loop (
    input  wire  clk,
    input  wire  rx,
    output logic tx
);
  logic [2:0] line;
  initial {tx, line} = '1;
  always_ff @(posedge clk) {tx, line} <= {line, rx};
endmodule
`default_nettype wire
