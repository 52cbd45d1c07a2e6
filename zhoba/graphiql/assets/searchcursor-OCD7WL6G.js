import{a}from"./chunk-D7Z2X565.js";import"./chunk-HX4FYVYA.js";import"./chunk-Q6TBSLBA.js";export default a();
