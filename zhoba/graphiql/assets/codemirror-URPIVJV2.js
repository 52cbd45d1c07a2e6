import{a}from"./chunk-HX4FYVYA.js";import"./chunk-Q6TBSLBA.js";export default a();
