// ending: counts, asserts that the count stays below LIMIT, and finishes at LAST.
`default_nettype none
module ending #(
    parameter int LIMIT = 1000,
    parameter int LAST  = 1000
) (
    input  wire        clk,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire  [7:0] s_data,
    output logic [9:0] count
);
  wire unused = &{1'b0, s_data};
  assign s_ready = 1'b1;
  initial count = 0;
  always_ff @(posedge clk) begin
    if (s_valid) count <= count + 10'd1;
    if (32'(count) >= LIMIT) assert (1'b0);
    if (32'(count) == LAST) $finish;
  end
endmodule
`default_nettype wire
