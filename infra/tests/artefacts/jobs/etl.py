# stands for jobs/etl.py in the modules' tests
