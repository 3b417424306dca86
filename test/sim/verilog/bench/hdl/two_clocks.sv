// two_clocks: a counter per clock, and what each clock sees of the other counter.
`default_nettype none
module two_clocks (
    input  wire         clk,
    input  wire         aclk,
    input  wire         a,
    output logic [15:0] count,
    output logic [15:0] acount,
    output logic [15:0] seen,
    output logic [15:0] aseen,
    output logic        follow,
    output logic        fell
);
  initial begin
    count  = 0;
    acount = 0;
  end

  always_ff @(posedge clk) begin
    count  <= count + 16'd1;
    seen   <= acount;
    follow <= a;
  end

  always_ff @(posedge aclk) begin
    acount <= acount + 16'd1;
    aseen  <= count;
  end

  always_ff @(negedge clk) fell <= follow;
endmodule
`default_nettype wire
