// stimulus: pseudo-random bits and a power-on reset, so that a design drives itself.
//
// 64 new-ish bits per clock (xorshift, period 2 ** 64 - 1); rst is high for the first 15 clocks.
`default_nettype none
module stimulus (
    input  wire         clk,
    output wire         rst,
    output logic [63:0] random
);
  logic [3:0] age;
  initial begin
    age = 4'd0;
    random = 64'h9E3779B97F4A7C15;
  end
  assign rst = age != 4'd15;
  wire [63:0] a = random ^ {random[50:0], 13'd0};
  wire [63:0] b = a ^ {7'd0, a[63:7]};
  always_ff @(posedge clk) begin
    random <= b ^ {b[46:0], 17'd0};
    if (rst) age <= age + 4'd1;
  end
endmodule
`default_nettype wire
