module digit (
    input wire clk,
    input wire enable,
    output reg [3:0] value,
    output wire full
);
  initial value = 0;
  assign full = enable && value == 4'd9;
  always @(posedge clk) if (enable) value <= full ? 4'd0 : value + 4'd1;
endmodule

module counter (
    input wire clk,
    input wire enable,
    output wire [7:0] decimal,
    output wire full
);
  wire carry;
  digit low (.clk(clk), .enable(enable), .value(decimal[3:0]), .full(carry));
  digit high (.clk(clk), .enable(carry), .value(decimal[7:4]), .full(full));
endmodule
