import{a}from"./chunk-4YOKSIEM.js";import"./chunk-HX4FYVYA.js";import"./chunk-Q6TBSLBA.js";export default a();
