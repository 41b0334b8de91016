stands for dashboard/app.js in the modules' tests
